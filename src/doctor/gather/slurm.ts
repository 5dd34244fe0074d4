import { hostname } from 'node:os';
import { messageOf } from '../../errors.js';
import type { ClusterFacts } from '../../fleet/cluster-facts.js';
import type { Scheduler } from '../../scheduler/port.js';
import type { SlurmFacts } from '../facts.js';

interface Asked {
  scheduler: Scheduler;
  cluster(): Promise<ClusterFacts>;
  /** The nodes of a host list; none for null. */
  hosts(list: string | null): Promise<string[]>;
  nodelist: string | null;
  exclude: string | null;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** What Slurm says. A controller that is away is noticed by the first question, before others wait for it. */
export async function slurmFacts({ scheduler, now, ...asked }: Asked): Promise<SlurmFacts> {
  const begun = now();
  const { ok, detail } = await scheduler.ping();
  if (!ok) return { kind: 'silent', words: detail };
  const seconds = (now() - begun) / 1000;
  try {
    const [cluster, policy, open, pyxis, nodelist, exclude] = await Promise.all([
      asked.cluster(),
      scheduler.policy(),
      scheduler.partitionNames(),
      scheduler.startsContainers(),
      asked.hosts(asked.nodelist),
      asked.hosts(asked.exclude),
    ]);
    const [host = ''] = hostname().split('.');
    return { kind: 'answers', seconds, host, now: now(), cluster, policy, open, pyxis, nodelist, exclude };
  } catch (error) {
    return { kind: 'silent', words: messageOf(error) };
  }
}
