/** Not SLURM_CLUSTERS: a fleet's jobs are where its spec says, whatever the caller exports today. */
const KEPT = ['SLURM_CONF', 'SLURM_JWT'];
const DROPPED = /^(SLURM|SBATCH|SQUEUE|SINFO|SACCT|SCANCEL|SCONTROL|SRUN|SALLOC)_/;

/** The caller may be inside a job. Times are printed as dates, not as "Tomorr 10:00". */
export function toolEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => KEPT.includes(name) || !DROPPED.test(name));
  return { ...Object.fromEntries(kept), SLURM_TIME_FORMAT: 'standard' };
}

/** Nothing of Slurm's but what srun needs to find its cluster. */
export function namedJobEnvironment(env: NodeJS.ProcessEnv, own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const needed = KEPT.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]));
  const kept = Object.entries(own).filter(([name]) => !DROPPED.test(name));
  return { ...Object.fromEntries(kept), ...Object.fromEntries(needed) };
}

/** Jobs inherit it, and SandboxFusion passes its own to programs, so it holds only what is named. */
export function sbatchEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', ...KEPT];
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}
