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

/** Why a job that has started does not run, in Slurm's word: gang scheduling, or an administrator. */
const PAUSED: Readonly<Record<string, string>> = {
  SUSPENDED: 'suspended by Slurm',
  STOPPED: 'stopped by Slurm (SIGSTOP)',
};

/** Undefined for a job that is not paused. */
export const pausedReason = (state: string): string | undefined => PAUSED[state];

/** What is believed of one job, over many answers of the scheduler. */
export interface TrackedJob {
  id: string;
  /** The last that was told of it; null for a job that was submitted and not seen yet. */
  fact: JobFact | null;
  /** When that was told. Milliseconds since the epoch; times in the fact count from here. */
  seenAt: number;
  /** When a good answer first lacked it; null while it is listed. Milliseconds. */
  missingSince: number | null;
  gone: boolean;
}

export type JobTable = ReadonlyMap<string, TrackedJob>;

/**
 * Folds one answer into what is believed. A failed answer changes nothing. A job is gone when it is told
 * in a terminal state, or when two good answers at least `confirmGoneAfterMs` apart both lack it.
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
  for (const [id, believed] of before) {
    if (after.has(id)) continue;
    const missingSince = believed.missingSince ?? now;
    after.set(id, {
      ...believed,
      missingSince,
      gone: believed.gone || now - missingSince >= confirmGoneAfterMs,
    });
  }
  return after;
}

/**
 * Jobs that we submitted are believed before the first answer that lists them. One that is gone and whose id
 * comes again is another: its controller has lost its state.
 */
export function track(before: JobTable, ids: readonly string[]): JobTable {
  const after = new Map(before);
  for (const id of ids) {
    if (after.get(id)?.gone !== false)
      after.set(id, { id, fact: null, seenAt: 0, missingSince: null, gone: false });
  }
  return after;
}
