import { availableParallelism, totalmem } from 'node:os';
import { inAll, ownCgroup } from './cgroups.js';

/** The least of affinity, cgroup quotas and what Slurm gave. */
export function usableCpus(env: NodeJS.ProcessEnv): number {
  // Node asks sched_getaffinity.
  const counts = [availableParallelism(), slurmCpus(env), ...quotas()];
  return Math.max(1, Math.min(...counts.filter((each) => each !== undefined)));
}

function slurmCpus({ SLURM_CPUS_ON_NODE }: NodeJS.ProcessEnv): number | undefined {
  const count = Number(SLURM_CPUS_ON_NODE);
  return Number.isInteger(count) && count > 0 ? count : undefined;
}

/** The least of the machine's, cgroup limits, what Slurm gave, and a local job's share. Bytes. */
export function usableMemory(env: NodeJS.ProcessEnv): number {
  const slurm = Number(env.SLURM_MEM_PER_NODE) * 2 ** 20;
  const share = Number(env.SANDBOXCTL_JOB_MEMORY);
  const cgroup = ownCgroup('memory');
  const file = cgroup?.version === 2 ? 'memory.max' : 'memory.limit_in_bytes';
  const limits = cgroup === undefined ? [] : inAll(cgroup, file).map(Number);
  return Math.min(...[totalmem(), slurm, share, ...limits].filter((each) => each > 0));
}

function quotas(): number[] {
  const cgroup = ownCgroup('cpu');
  if (cgroup === undefined) return [];
  const pairs =
    cgroup.version === 2
      ? inAll(cgroup, 'cpu.max').map((line) => line.split(' '))
      : zip(inAll(cgroup, 'cpu.cfs_quota_us'), inAll(cgroup, 'cpu.cfs_period_us'));
  const cpus = pairs.map(([limit, period]) => Number(limit) / Number(period));
  return cpus.filter((each) => each > 0).map(Math.ceil);
}

function zip(left: readonly string[], right: readonly string[]): (string | undefined)[][] {
  return left.map((each, index) => [each, right[index]]);
}
