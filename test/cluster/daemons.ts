import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from './execute.js';
import { readPid, until } from './hold.js';
import { runOnLogin } from './login.js';
import { type ClusterRecord, folderOf } from './record.js';
import type { Controller } from './types.js';

/** A munged of the cluster's own: Slurm finds it by AuthInfo, whatever else runs on the machine. */
export async function startMunge(record: ClusterRecord): Promise<void> {
  const folder = join(record.folder, 'munge');
  await mkdir(folder, { mode: 0o755 });
  // Clusters that ask one slurmdbd trust each other.
  const shared = record.accounting !== null && record.accounting.name !== record.name;
  const key = shared
    ? `cat ${folderOf(record.accounting?.name ?? '')}/munge/key`
    : 'head -c 128 /dev/urandom';
  await must(['sh', '-c', `${key} >key && chmod 400 key && chown -R munge:munge .`], { cwd: folder });
  await daemon(record, [
    'setpriv',
    '--reuid=munge',
    '--regid=munge',
    '--clear-groups',
    'munged',
    `--key-file=${folder}/key`,
    `--socket=${folder}/socket`,
    `--pid-file=${folder}/pid`,
    `--log-file=${folder}/log`,
    `--seed-file=${folder}/seed`,
  ]);
}

/** Starts what daemonizes itself. */
export async function daemon(record: ClusterRecord, argv: readonly string[]): Promise<void> {
  const result = await runOnLogin(record, argv, { user: 'root', timeoutMs: 120_000 });
  if (result.code !== 0) throw new Error(`${argv.join(' ')}: exit ${result.code}\n${result.stderr}`);
}

export function controllerOf(record: ClusterRecord): Controller {
  const file = join(record.folder, 'slurmctld.pid');
  const pid = (): number => {
    const found = readPid(file);
    if (!found) throw new Error('slurmctld does not run');
    return found;
  };
  return {
    pid,
    async kill(signal = 'SIGKILL') {
      const victim = pid();
      process.kill(victim, signal);
      await until('the end of slurmctld', () => !isAlive(victim));
    },
    start: () => daemon(record, ['slurmctld']),
    freeze: () => void process.kill(pid(), 'SIGSTOP'),
    thaw: () => void process.kill(pid(), 'SIGCONT'),
  };
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
