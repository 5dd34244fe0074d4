import type { Registered } from '../fleet/facts.js';
import type { SubmissionRecord } from '../state/store.js';

/** Measures how long the servers of this run's submissions take until they are ready. */
export function startWatch(now: () => number) {
  const begun = new Map<string, number>();
  const ready = new Set<string>();
  const changed = new Set<string>();
  return {
    begin: (submission: string) => begun.set(submission, now()),
    isBegun: (submission: string) => begun.has(submission),
    update(submissions: Map<string, SubmissionRecord>, live: ReadonlyMap<string, Registered>): void {
      for (const { jobId, submission: id, state } of live.values()) {
        const since = begun.get(id);
        const submission = submissions.get(id);
        if (state !== 'ready' || since === undefined || submission === undefined || ready.has(jobId))
          continue;
        ready.add(jobId);
        changed.add(id);
        submissions.set(id, { ...submission, startTook: Math.ceil((now() - since) / 1000) });
      }
    },
    /** Whether a submission has an unsaved time; true once for each change. */
    takeUnsaved: ({ id }: Pick<SubmissionRecord, 'id'>): boolean => changed.delete(id),
  };
}
