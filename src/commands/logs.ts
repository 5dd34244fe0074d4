import { SandboxctlError } from '../errors.js';
import { namedFleet } from '../state/choose-fleet.js';
import { type FoundJobs, findJobs, type JobFinder } from '../state/find-jobs.js';
import { listFleets } from '../state/fleets.js';
import { absentFleet } from './absent-fleet.js';
import { type ClusterConfig, requestedCluster } from './cluster.js';
import type { Context } from './context.js';
import { warnDeadKeeper } from './dead-keeper.js';
import { followLogs } from './logs/follow.js';
import { openLog } from './logs/stream.js';

export interface LogsOptions {
  flags: Readonly<Record<string, unknown>>;
  /** The number of an instance, or else a job's id (`123`, `123_4`). */
  job: string;
  follow?: boolean;
  lines?: string | undefined;
}

const DEFAULT_LINES = '50';

/** Also of all jobs of an array. Throws kind `usage` for an invalid job, `absent` if there is no such job or log. */
export async function logs(context: Context, options: LogsOptions): Promise<void> {
  const lines = countOf(options.lines ?? DEFAULT_LINES);
  const where = async () => (await context.config(options.flags)).config;
  const found = await findInFleet(context, finderOf(context, where), options.job);
  await warnDeadKeeper(context, found.fleet);
  if (options.follow) return followLogs(context, found, lines, where);
  const missing: string[] = [];
  for (const job of found.jobs) {
    if (context.signal.aborted) return;
    const log = await openLog(job, found.jobs.length > 1, context.io);
    if (log === undefined || !(await log.begin(lines))) missing.push(job.jobId);
    await log?.end();
  }
  if (missing.length === 0) return;
  if (missing.length < found.jobs.length) {
    return context.io.stderr.line(`no log yet: ${missing.join(', ')}`);
  }
  throw new SandboxctlError('absent', {
    what: `job ${missing.join(', ')} has no log yet`,
    detail: `looked for ${found.jobs[0]?.expected}`,
    hint: `'sandboxctl logs -f ${options.job}' waits for it; 'sandboxctl status' shows whether the job has started`,
  });
}

/** A job of another fleet answers no question about a fleet that does not exist. */
async function findInFleet(context: Context, finder: JobFinder, word: string): Promise<FoundJobs> {
  const named = namedFleet(context);
  const isKnown = named === undefined || (await listFleets(context.stateFolder)).includes(named);
  const found = await findJobs(finder, word).catch(async (error: unknown) => {
    const isAbsent = error instanceof SandboxctlError && error.kind === 'absent';
    throw !isKnown && isAbsent ? await absentFleet(context.stateFolder, named) : error;
  });
  if (isKnown || found.fleet === named) return found;
  throw await absentFleet(context.stateFolder, named);
}

/** Jobs that are not in the state folder are searched on the cluster where `deploy` would submit. */
function finderOf(context: Context, where: () => Promise<ClusterConfig>): JobFinder {
  const { globals, env, stateFolder } = context;
  return {
    ...{ globals, env, stateFolder },
    scheduler: context.scheduler,
    clusters: async () => {
      const asked = requestedCluster(await where());
      return asked === undefined ? context.clusters() : [asked];
    },
  };
}

function countOf(words: string): number {
  if (words === 'all') return Number.POSITIVE_INFINITY;
  if (/^\d{1,9}$/.test(words)) return Number(words);
  throw new SandboxctlError('usage', {
    what: `--lines must be a whole number or all (got '${words}')`,
    hint: "see 'sandboxctl logs --help'",
  });
}
