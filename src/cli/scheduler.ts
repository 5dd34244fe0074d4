import { join } from 'node:path';
import { SandboxctlError } from '../errors.js';
import { type ClusterName, slurmName } from '../fleet/spec.js';
import { findOnPath } from '../process/on-path.js';
import type { Run } from '../process/run.js';
import type { Scheduler } from '../scheduler/port.js';

export async function clustersHere(env: NodeJS.ProcessEnv): Promise<('slurm' | 'local')[]> {
  return (await findOnPath('squeue', env)) ? ['slurm', 'local'] : ['local'];
}

/** Throws kind `tool` if squeue is missing: that must not look like a squeue that failed, which is retried. */
export async function connectScheduler(
  run: Run,
  env: NodeJS.ProcessEnv,
  cluster: ClusterName,
  stateFolder: string,
): Promise<Scheduler> {
  if ((await findOnPath('squeue', env)) === null) {
    throw new SandboxctlError('tool', {
      what: 'squeue was not found: this machine has no Slurm',
      detail: `PATH=${env.PATH ?? ''}`,
      hint: "run this on a login node of the cluster, or load its module: 'module load slurm'",
    });
  }
  const [{ slurmScheduler }, { localScheduler }, { withLocalJobs, FIRST_LOCAL_ID }] = await Promise.all([
    import('../scheduler/slurm/adapter.js'),
    import('../scheduler/local/adapter.js'),
    import('../scheduler/with-local-jobs.js'),
  ]);
  const here = { run, env, folder: join(stateFolder, 'here'), now: Date.now, first: FIRST_LOCAL_ID };
  const slurm = slurmScheduler({ run, env, uid: process.getuid?.() ?? 0, cluster: slurmName(cluster) });
  return withLocalJobs(slurm, localScheduler(here));
}

export async function localCluster(
  run: Run,
  env: NodeJS.ProcessEnv,
  stateFolder: string,
): Promise<Scheduler> {
  const { localScheduler } = await import('../scheduler/local/adapter.js');
  return localScheduler({ run, env, folder: join(stateFolder, 'local'), now: Date.now });
}
