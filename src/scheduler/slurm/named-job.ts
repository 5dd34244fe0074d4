import type { Run } from '../../process/run.js';
import type { JobOutcome, NamedJob, NamedJobOptions } from '../port.js';
import { namedScancelArgv, srunNamedArgv } from './argv.js';
import { namedJobEnvironment, toolEnvironment } from './environment.js';

/** Milliseconds from scancel to the end of srun: a job that got SIGTERM takes 1.3 to 1.7 s. */
const CANCEL_MS = 8_000;
/** Milliseconds from SIGINT to SIGKILL for an srun that scancel did not end. */
const GRACE_MS = 5_000;
/** Milliseconds; Slurm's own timeouts are 9 to 20 s. */
const SCANCEL_MS = 20_000;

interface Deps {
  run: Run;
  env: NodeJS.ProcessEnv;
  uid: number;
  cluster?: string | undefined;
}

/** Cancelled first on a signal, so that its program can clean up; srun is killed only if that fails. */
export async function runNamedJob(
  deps: Deps,
  job: NamedJob,
  program: readonly string[],
  { signal, onLine }: NamedJobOptions,
): Promise<JobOutcome> {
  signal.throwIfAborted();
  const stopSrun = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const cancel = () => {
    timer = setTimeout(() => stopSrun.abort(), CANCEL_MS);
    void cancelNamedJob(deps, job.name);
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await deps.run(srunNamedArgv(job, program, deps.cluster), {
      env: namedJobEnvironment(deps.env, job.env),
      cwd: job.cwd,
      graceMs: GRACE_MS,
      keepBytes: 4096,
      onLine,
      signal: stopSrun.signal,
    });
  } finally {
    signal.removeEventListener('abort', cancel);
    clearTimeout(timer);
    // srun may have been killed before it could cancel its job.
    if (stopSrun.signal.aborted) await cancelNamedJob(deps, job.name);
  }
}

export async function cancelNamedJob({ run, env, uid, cluster }: Deps, name: string): Promise<void> {
  const argv = namedScancelArgv(name, uid, cluster);
  await run(argv, { env: toolEnvironment(env), timeoutMs: SCANCEL_MS }).catch(() => undefined);
}
