import type { JobFact, ListAnswer } from './job-facts.js';

const TERMINAL = new Set([
  'BOOT_FAIL',
  'CANCELLED',
  'COMPLETED',
  'DEADLINE',
  'FAILED',
  'NODE_FAIL',
  'OUT_OF_MEMORY',
  'PREEMPTED',
  'REVOKED',
  'TIMEOUT',
]);

export const isTerminal = (state: string): boolean => TERMINAL.has(state);

/** States of a job that has started and is paused, by gang scheduling or an administrator. */
const PAUSED: Readonly<Record<string, string>> = {
  SUSPENDED: 'suspended by Slurm',
  STOPPED: 'stopped by Slurm (SIGSTOP)',
};

/** Undefined for a job that is not paused. */
export const pausedReason = (state: string): string | undefined => PAUSED[state];

/** The state of one job, from all answers of the scheduler so far. */
export interface TrackedJob {
  id: string;
  /** From the last answer that listed it; null for a job that was submitted and not listed yet. */
  fact: JobFact | null;
  /** When that answer came. Milliseconds since the epoch; times in the fact count from here. */
  seenAt: number;
  /** When a successful answer first did not list it; null while it is listed. Milliseconds since the epoch. */
  missingSince: number | null;
  gone: boolean;
}

export type JobTable = ReadonlyMap<string, TrackedJob>;

/**
 * Applies one answer of the scheduler. A failed answer changes nothing. A job is gone when it is listed in a
 * terminal state, or when two successful answers at least `confirmGoneAfterMs` apart both do not list it.
 */
export function applyAnswer(
  before: JobTable,
  answer: ListAnswer,
  now: number,
  confirmGoneAfterMs: number,
): JobTable {
  if (!answer.ok) return before;
  const after = new Map<string, TrackedJob>();
  for (const fact of answer.jobs) {
    after.set(fact.id, {
      id: fact.id,
      fact,
      seenAt: now,
      missingSince: null,
      gone: isTerminal(fact.state),
    });
  }
  for (const [id, known] of before) {
    if (after.has(id)) continue;
    const missingSince = known.missingSince ?? now;
    after.set(id, {
      ...known,
      missingSince,
      gone: known.gone || now - missingSince >= confirmGoneAfterMs,
    });
  }
  return after;
}

/**
 * Adds submitted jobs before the first answer that lists them. An id that is gone and submitted again is another
 * job: the Slurm controller has lost its state and started counting again.
 */
export function track(before: JobTable, ids: readonly string[]): JobTable {
  const after = new Map(before);
  for (const id of ids) {
    if (after.get(id)?.gone !== false)
      after.set(id, { id, fact: null, seenAt: 0, missingSince: null, gone: false });
  }
  return after;
}
