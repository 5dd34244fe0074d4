import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Run, RunOptions } from '../../src/process/run.js';
import { slurmScheduler } from '../../src/scheduler/slurm/adapter.js';
import { startCluster } from '../cluster/cluster.js';
import { ownedFolder } from '../support/lab.js';
import { CALLERS, schedulerContract } from './contract.js';

schedulerContract('Slurm', async () => {
  const cluster = await startCluster({ nodes: 4, config: ['KillWait=2'] });
  const [user] = cluster.users;
  /** As the user would, on the login node. */
  const run: Run = async (argv, { env, cwd, input, timeoutMs, onLine }) => {
    const given = Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]));
    const options = {
      user,
      env: Object.fromEntries(given),
      ...(cwd === undefined ? {} : { cwd }),
      ...(input === undefined ? {} : { input }),
      timeoutMs,
    };
    const ended =
      onLine === undefined
        ? await cluster.run(argv, options)
        : await streamed(cluster.spawn(argv, options), onLine);
    return { argv, ...ended, timedOut: false, aborted: false };
  };
  const folder = await ownedFolder(join(cluster.shared, 'contract'), user);
  await chmod(folder, 0o777);
  const env = { ...cluster.env, HOME: user.home, USER: user.name, ...CALLERS };
  return {
    scheduler: slurmScheduler({ run, env, uid: user.uid }),
    folder,
    // Slurm's limits are whole minutes; it looks for jobs that are over every 30 s.
    shortLimit: '1',
    hasten: async (jobId) => {
      const argv = ['scontrol', 'update', `JobId=${jobId}`, 'EndTime=now+1seconds'];
      await cluster.run(argv, { user: 'root' });
    },
    leave: () => cluster.down(),
  };
});

async function streamed(child: ChildProcess, onLine: NonNullable<RunOptions['onLine']>) {
  for (const from of ['stdout', 'stderr'] as const) {
    const input = child[from];
    if (input !== null) createInterface({ input }).on('line', (line) => onLine(line, from));
  }
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, stdout: '', stderr: '' };
}
