import { readdirSync, readFileSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MARK } from './etc.js';
import { until } from './hold.js';
import { OWNER } from './login.js';
import { removeLinks } from './network.js';
import { BASE, folderOf, slotsOf } from './record.js';

/** Takes a cluster down by its name alone: after a failed test, a half-made start, a killed owner. */
export async function downCluster(name: string): Promise<void> {
  const slots = await slotsOf(name);
  await until(`the end of the processes of ${name}`, () => {
    const pids = processesOf(name);
    for (const pid of pids) kill(pid);
    return pids.length === 0;
  });
  for (const { slot } of slots) await removeLinks(slot);
  await rm(folderOf(name), { recursive: true, force: true, maxRetries: 5 });
  // Last, or a new cluster could take the slot while its links are still there.
  for (const { file } of slots) await rm(file, { force: true });
  await rmdir(BASE).catch(() => {});
}

/**
 * Ours are: the inits of the nodes (what else is on a node dies with them), what sees the cluster's /etc,
 * and what carries our mark in its environment. Never a shell that merely has SLURM_CONF set.
 */
export function processesOf(name: string): number[] {
  const folder = folderOf(name);
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 1 && pid !== process.pid)
    .filter((pid) => {
      const args = read(pid, 'cmdline').split('\0');
      if (args.some((arg, i) => arg.endsWith('/node-init.sh') && args[i + 1] === folder)) return true;
      if (read(pid, `root/etc/${MARK}`) === name) return true;
      return read(pid, 'environ').split('\0').includes(`${OWNER}=${name}`);
    });
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(join('/proc', `${pid}`, file), 'utf8');
  } catch {
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone in the meantime.
  }
}
