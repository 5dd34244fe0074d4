import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Config } from '../../config/settings.js';
import { messageOf, SandboxctlError } from '../../errors.js';
import type { ClusterFacts } from '../../fleet/cluster-facts.js';
import { partitionNames } from '../../fleet/requested-partitions.js';
import type { Scheduler } from '../../scheduler/port.js';

export async function clusterFacts(
  scheduler: Scheduler,
  { partition, gatewayPartition }: Pick<Config, 'partition' | 'gatewayPartition'>,
): Promise<ClusterFacts> {
  const facts = await scheduler.facts();
  const asked = partitionNames([partition ?? '', gatewayPartition ?? ''].join(','));
  const unseen = new Set(asked.filter((name) => !facts.partitions.some((each) => each.name === name)));
  const found = await Promise.all([...unseen].map((name) => scheduler.partition(name)));
  return { ...facts, partitions: [...facts.partitions, ...found.flatMap((each) => each ?? [])] };
}

/** The nodes of a host list, or of a file of them: sbatch reads a list with a slash as a file name. */
export async function hostsIn(scheduler: Scheduler, list: string | null, cwd: string): Promise<string[]> {
  if (list === null) return [];
  if (!list.includes('/')) return scheduler.expandHosts(list);
  const text = await readFile(resolve(cwd, list), 'utf8').catch((error: unknown) => {
    throw new SandboxctlError('usage', {
      what: `the file of nodes ${list} cannot be read`,
      detail: messageOf(error),
      hint: 'correct --nodelist or --exclude: a host list is such as node[1-4],node7',
      cause: error,
    });
  });
  const names = text.replace(/#.*$/gm, '').split(/[\s,]+(?![^[]*\])/);
  return scheduler.expandHosts(names.filter((name) => name !== '').join(','));
}
