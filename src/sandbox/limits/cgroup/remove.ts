import { rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { codeOf } from '../../../errors.js';
import { text } from '../../../machine/cgroups.js';
import { kill } from '../../process/tree.js';

const RETRY_MS = 50;
const RETRIES = 200;

/** Ends all that is in a cgroup, and removes it. */
export async function removeCgroup(folder: string): Promise<void> {
  for (let tried = 0; !removed(folder) && tried < RETRIES; tried += 1) {
    kill(membersOf(folder));
    await setTimeout(RETRY_MS);
  }
}

export function membersOf(folder: string): number[] {
  const pids = text(join(folder, 'cgroup.procs')).split('\n').map(Number);
  // The kernel lists processes of other PID namespaces as 0.
  return pids.filter((pid) => pid > 0);
}

function removed(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    return codeOf(error) === 'ENOENT';
  }
}
