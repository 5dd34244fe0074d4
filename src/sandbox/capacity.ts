import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';

/** CPUs that this process may use: its affinity, its cgroup's quota and what Slurm gave, the least of them. */
export function usableCpus(env: NodeJS.ProcessEnv): number {
  // Node asks sched_getaffinity.
  const counts = [availableParallelism(), slurmCpus(env), quota()];
  return Math.max(1, Math.min(...counts.filter((each) => each !== undefined)));
}

function slurmCpus({ SLURM_CPUS_ON_NODE }: NodeJS.ProcessEnv): number | undefined {
  const count = Number(SLURM_CPUS_ON_NODE);
  return Number.isInteger(count) && count > 0 ? count : undefined;
}

/** Bytes of memory that this process may use: the machine's, its cgroup's limit and what Slurm gave, the least of them. */
export function usableMemory(env: NodeJS.ProcessEnv): number {
  const slurm = Number(env.SLURM_MEM_PER_NODE) * 2 ** 20;
  const limits = ownCgroups('memory').map(({ version, path }) =>
    Number(
      read(
        version === 2
          ? `/sys/fs/cgroup${path}/memory.max`
          : `/sys/fs/cgroup/memory${path}/memory.limit_in_bytes`,
      ),
    ),
  );
  return Math.min(...[totalmem(), slurm, ...limits].filter((each) => each > 0));
}

/** CPUs by the bandwidth of the own cgroup, v2 or v1, rounded up; undefined where there is no limit. */
function quota(): number | undefined {
  for (const { version, path } of ownCgroups('cpu')) {
    const [limit, period] =
      version === 2
        ? read(`/sys/fs/cgroup${path}/cpu.max`).split(' ')
        : ['quota', 'period'].map((name) => read(`/sys/fs/cgroup/cpu${path}/cpu.cfs_${name}_us`));
    const cpus = Number(limit) / Number(period);
    if (limit !== '' && cpus > 0) return Math.ceil(cpus);
  }
  return undefined;
}

interface Cgroup {
  version: 1 | 2;
  path: string;
}

function ownCgroups(controller: string): Cgroup[] {
  const lines = read('/proc/self/cgroup').split('\n');
  return lines.flatMap((line): Cgroup[] => {
    const [id, controllers = '', path = ''] = line.split(':');
    if (id === '0') return [{ version: 2, path }];
    return controllers.split(',').includes(controller) ? [{ version: 1, path }] : [];
  });
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
