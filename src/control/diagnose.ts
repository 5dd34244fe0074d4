import { type Cause, causeOf } from '../fleet/causes.js';
import type { InstanceView } from '../fleet/instance.js';
import type { JobEnd, Scheduler } from '../scheduler/port.js';

/** Lines of a log that are read for its cause and shown below an error. */
const TAIL_LINES = 40;

export interface Failure extends Cause {
  view: InstanceView;
  log: string | null;
  tail: string[];
}

export interface DiagnoseDeps {
  scheduler: Scheduler;
  /** The log of a job, or null where it is not known or not there. */
  logOf: (jobId: string) => Promise<string | null>;
  tailOf: (path: string, lines: number) => Promise<string[]>;
  about: { image: string; port: number };
}

/** Why jobs ended: one question to the scheduler for all of them, and each one's own log. */
export async function diagnose(deps: DiagnoseDeps, ended: readonly InstanceView[]): Promise<Failure[]> {
  const ids = ended.flatMap((view) => (view.jobId === null ? [] : [view.jobId]));
  const ends = await deps.scheduler.endings(ids);
  return Promise.all(
    ended.map(async (view) => {
      const jobId = view.jobId ?? '';
      const log = await deps.logOf(jobId);
      const tail = log === null ? [] : await deps.tailOf(log, TAIL_LINES);
      const end = ends.get(jobId) ?? endFromPoll(view);
      return { view, log, tail, ...causeOf(end, tail, { ...deps.about, logFound: log !== null }) };
    }),
  );
}

function endFromPoll(view: InstanceView): JobEnd {
  return { state: view.jobState ?? 'UNKNOWN', reason: '', exitCode: null, node: view.node };
}
