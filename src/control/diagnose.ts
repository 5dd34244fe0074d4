import { type Cause, causeOf } from '../failures/job-cause.js';
import type { InstanceView } from '../fleet/instance.js';
import type { JobEnd } from '../fleet/job-facts.js';
import type { Target } from '../fleet/spec.js';
import { readTail } from '../logs/tail.js';
import type { Scheduler } from '../scheduler/port.js';
import { logBy } from '../state/job-logs.js';
import type { FleetStore } from '../state/store.js';

/** Lines of a log that are read for its cause; the last of them are shown below an error. */
const TAIL_LINES = 40;

export interface Failure extends Cause {
  view: InstanceView;
  log: string | null;
  tail: string[];
}

/** Finds out why jobs ended, by one call to the scheduler for all of them and by their logs. */
export async function diagnose(
  deps: {
    scheduler: Scheduler;
    store: FleetStore;
    spec: Target;
    submissionOf: (jobId: string) => string | null;
  },
  ended: readonly InstanceView[],
): Promise<Failure[]> {
  const ids = ended.flatMap((view) => view.jobId ?? []);
  const ends = await deps.scheduler.endings(ids);
  return Promise.all(
    ended.map(async (view) => {
      const jobId = view.jobId ?? '';
      const job = { jobId, instance: view.instance, submission: deps.submissionOf(jobId) };
      const located = await logBy(deps.store, job, deps.spec.output).locate();
      const log = located?.path ?? null;
      const tail = log === null ? [] : await readTail(log, TAIL_LINES);
      const { job: asked } = deps.spec;
      const about = {
        image: asked?.image?.path ?? '',
        checkout: asked?.checkout?.path,
        port: asked?.port ?? 0,
        logFound: log !== null,
      };
      return { view, log, tail, ...causeOf(ends.get(job.jobId) ?? endFromPoll(view), tail, about) };
    }),
  );
}

function endFromPoll(view: InstanceView): JobEnd {
  return { state: view.jobState ?? 'UNKNOWN', reason: '', exitCode: null, node: view.node };
}
