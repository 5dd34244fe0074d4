import { lstatSync, readdirSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { downCluster } from '../cluster/down.js';
import { clusterNames, ownerFile } from '../cluster/record.js';
import { RUN_FOLDER } from './paths.js';
import { lives, parentOf, processesNaming } from './processes.js';
import { until } from './until.js';

/** Takes away what test runs left that were killed: their clusters, processes and folders. */
export async function sweepDeadRuns(): Promise<void> {
  await sweepClusters();
  const folders = readdirSync(dirname(RUN_FOLDER)).map((name) => join(dirname(RUN_FOLDER), name));
  for (const folder of folders.filter((each) => each.startsWith(RUN_FOLDER))) {
    const mine = lstatSync(folder, { throwIfNoEntry: false })?.uid === process.getuid?.();
    if (mine && !lives(folder.slice(RUN_FOLDER.length))) await sweepRun(folder);
  }
}

/** Ends what a run started and did not end, and removes its folder. */
export async function sweepRun(folder: string): Promise<void> {
  await until(`the end of what names ${folder}`, () => {
    const left = [...processesNaming(folder)].filter(([pid]) => !isBelow(pid, process.pid));
    for (const [pid, words] of left) {
      console.error(`left by the tests, and ended: ${pid} ${words}`);
      kill(pid);
    }
    return left.length === 0;
  });
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Clusters whose owner is dead. Each has a watchdog, which had the first chance. */
export async function sweepClusters(): Promise<void> {
  for (const name of await clusterNames()) {
    const owner = await readFile(ownerFile(name), 'utf8').catch(() => '');
    if (owner === '' || lives(owner)) continue;
    await until(`the watchdog of cluster ${name}`, () => processesNaming(`down\0${name}\0`).size === 0);
    await downCluster(name);
  }
}

/** Vitest's own workers, which end by themselves. */
function isBelow(pid: number, ancestor: number): boolean {
  for (let at = pid; at > 1; at = parentOf(at)) if (at === ancestor) return true;
  return false;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone in the meantime.
  }
}
