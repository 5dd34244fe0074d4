const KEPT_FOR_A_JOB =
  /^(?:PATH|HOME|USER|LOGNAME|LANG|LC_\w+|TZ|LD_LIBRARY_PATH|XDG_(?:CACHE|CONFIG|DATA)_HOME|ENROOT_\w+|SOURCE_DATE_EPOCH|SSL_CERT_\w+|CURL_\w+|(?:https?|all|no)_proxy|(?:HTTPS?|ALL|NO)_PROXY)$/;
const SLURMS = /^(?:SLURM|SBATCH|SQUEUE|SRUN|SALLOC|SCANCEL|SINFO)_/;

/** In a job, only what enroot reads. Here, the caller's without Slurm's variables and the API token. */
export function importEnvironment(env: NodeJS.ProcessEnv, where: 'here' | 'job'): NodeJS.ProcessEnv {
  const keep = (name: string) =>
    where === 'job' ? KEPT_FOR_A_JOB.test(name) : !SLURMS.test(name) && name !== 'SANDBOXCTL_TOKEN';
  // One language, since their output is parsed; perl, which enroot calls, warns of others.
  return { ...Object.fromEntries(Object.entries(env).filter(([name]) => keep(name))), LC_ALL: 'C' };
}
