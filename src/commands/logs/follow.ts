import { SandboxctlError } from '../../errors.js';
import { endWatch } from '../../logs/ended.js';
import type { FoundJobs } from '../../state/find-jobs.js';
import type { JobLog } from '../../state/job-logs.js';
import { type ClusterConfig, clusterOf } from '../cluster.js';
import type { Context } from '../context.js';
import { type LogStream, openLog } from './stream.js';

const FAST_MS = 200;
const SLOW_MS = 1_000;
/** After a job reports its end, its server and Slurm still write their last lines. */
const QUIET_MS = 3_000;

/** Ends when every job has ended or a signal arrives. Throws kind `absent` if they end without a log. */
export async function followLogs(
  context: Context,
  { fleet, jobs }: FoundJobs,
  lines: number,
  where: () => Promise<ClusterConfig>,
): Promise<void> {
  const { clock, signal, io } = context;
  const streams = new Map<JobLog, LogStream>();
  const ends = endWatch(
    jobs.map(({ jobId }) => jobId),
    {
      registration: async (jobId) => jobs.find((job) => job.jobId === jobId)?.registration(),
      list: async () => {
        const scheduler = await context.scheduler(await clusterOf(context, fleet, await where()));
        return scheduler.list({ fleet });
      },
      now: clock.now,
    },
  );
  let first = true;
  let interval = FAST_MS;
  let quietSince = clock.now();
  while (!signal.aborted) {
    // Before the logs are read, so that what a job wrote before its end is not missed.
    const ended = await ends.check();
    let moved = false;
    for (const job of jobs) moved = (await read(job)) || moved;
    if (moved) quietSince = clock.now();
    if (ended.size === jobs.length && clock.now() - quietSince >= QUIET_MS) break;
    if (first && streams.size === 0) io.stderr.line(`waiting for ${jobs[0]?.expected}`);
    first = false;
    interval = moved ? FAST_MS : Math.min(interval * 2, SLOW_MS);
    await clock.sleep(interval, signal);
  }
  for (const stream of streams.values()) await stream.end();
  if (streams.size === 0 && !signal.aborted) throw noLog(jobs);

  async function read(job: JobLog): Promise<boolean> {
    const known = streams.get(job);
    if (known !== undefined) return known.look();
    const stream = await openLog(job, jobs.length > 1, io);
    // In a log that appears while we wait, every line is new.
    if (stream === undefined || !(await stream.begin(first ? lines : Number.POSITIVE_INFINITY))) return false;
    streams.set(job, stream);
    return true;
  }
}

function noLog(jobs: readonly JobLog[]): SandboxctlError {
  return new SandboxctlError('absent', {
    what: `job ${jobs.map(({ jobId }) => jobId).join(', ')} ended without a log`,
    detail: `looked for ${jobs[0]?.expected}`,
    hint: 'a job never starts if its node does not see the log folder: config key output',
  });
}
