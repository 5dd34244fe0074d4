/** Where an import finds its caches, credentials, proxies and certificates. */
const KEPT_FOR_A_JOB =
  /^(?:PATH|HOME|USER|LOGNAME|LANG|LC_\w+|TZ|LD_LIBRARY_PATH|XDG_(?:CACHE|CONFIG|DATA)_HOME|ENROOT_\w+|SOURCE_DATE_EPOCH|SSL_CERT_\w+|CURL_\w+|(?:https?|all|no)_proxy|(?:HTTPS?|ALL|NO)_PROXY)$/;
const SLURMS = /^(?:SLURM|SBATCH|SQUEUE|SRUN|SALLOC|SCANCEL|SINFO)_/;

/**
 * enroot's environment. A job gets only the variables that enroot reads. Here it is the caller's, without
 * those of a surrounding Slurm job and without the API token.
 */
export function importEnvironment(env: NodeJS.ProcessEnv, where: 'here' | 'job'): NodeJS.ProcessEnv {
  const keep = (name: string) =>
    where === 'job' ? KEPT_FOR_A_JOB.test(name) : !SLURMS.test(name) && name !== 'SANDBOXCTL_TOKEN';
  // What these tools say is read, so they say it in one language; perl, below enroot, complains of others.
  return { ...Object.fromEntries(Object.entries(env).filter(([name]) => keep(name))), LC_ALL: 'C' };
}
