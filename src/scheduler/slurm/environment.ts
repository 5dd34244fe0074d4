/**
 * What Slurm's tools need to find and trust their cluster. Not SLURM_CLUSTERS, which is a setting's default
 * (clusterName): a fleet's jobs are where its spec says, whatever the caller exports today.
 */
const KEPT = ['SLURM_CONF', 'SLURM_JWT'];
const DROPPED = /^(SLURM|SBATCH|SQUEUE|SINFO|SACCT|SCANCEL|SCONTROL|SRUN|SALLOC)_/;

/**
 * The caller's environment for squeue and its like, without the variables that silently change what
 * they do (a caller may sit inside a job of its own). Times come as dates, not as "Tomorr 10:00".
 */
export function toolEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => KEPT.includes(name) || !DROPPED.test(name));
  return { ...Object.fromEntries(kept), SLURM_TIME_FORMAT: 'standard' };
}

/** A named job's own environment, with nothing of Slurm's in it but what srun needs to find its cluster. */
export function namedJobEnvironment(env: NodeJS.ProcessEnv, own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const needed = KEPT.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]));
  const kept = Object.entries(own).filter(([name]) => !DROPPED.test(name));
  return { ...Object.fromEntries(kept), ...Object.fromEntries(needed) };
}

/**
 * The built environment of sbatch. Jobs inherit it and SandboxFusion hands its own to the programs that
 * it runs, so nothing of the caller's stands here that is not named.
 */
export function sbatchEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', ...KEPT];
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}
