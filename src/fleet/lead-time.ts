import type { Facts } from './facts.js';
import type { TrackedJob } from './job-table.js';
import { upkeepOf } from './replacement.js';
import type { Slot } from './slot.js';
import type { Spec } from './spec.js';

/** How much longer a start may take than earlier ones. */
const MARGIN = 1.5;
const STARTS = 20;
/** Polls are at most this far apart; a larger difference means that the clock was changed. Milliseconds. */
const LONGEST_POLL_MS = 60_000;

/** Seconds until the time limit, by Slurm's last answer; null without a limit, or for a job that does not run. */
export function timeLeft({ fact, seenAt }: TrackedJob, now: number): number | null {
  if (fact?.state !== 'RUNNING' || fact.timeLeft === null) return null;
  return fact.timeLeft - Math.min(Math.max(0, now - seenAt), LONGEST_POLL_MS) / 1000;
}

/**
 * Seconds before its time limit at which a slot's job is due for replacement: `--renew-before` or the time of a
 * start, spread up to twice that so that servers which started together do not end together. Never more than half of
 * the limit, or a new job would be due at once.
 */
export function leadTime(
  slot: Slot,
  limit: number,
  spec: Pick<Spec, 'nodes' | 'upkeep'>,
  facts: Pick<Facts, 'now' | 'jobs' | 'submissions'>,
): number {
  const needed = Math.max(upkeepOf(spec).renewBefore, MARGIN * expectedStart(facts));
  const share = slot === 'gateway' ? 0 : (slot % spec.nodes) / spec.nodes;
  // A third: a job takes no new runs in the last quarter of a short limit (script/values.ts).
  return Math.min(Math.min(needed, limit / 3) * (1 + share), limit / 2);
}

/**
 * Seconds from a submission until its server is ready: the longest recent start, or Slurm's estimate for a pending
 * job.
 */
function expectedStart({ now, jobs, submissions }: Pick<Facts, 'now' | 'jobs' | 'submissions'>): number {
  const took = [...submissions.values()].flatMap(({ startTook }) => startTook ?? []).slice(-STARTS);
  const waits = [...jobs.values()].flatMap(({ fact, gone }) =>
    gone || fact?.state !== 'PENDING' || fact.startTime === null
      ? []
      : (Date.parse(fact.startTime) - now) / 1000,
  );
  return Math.max(0, ...took, ...waits);
}
