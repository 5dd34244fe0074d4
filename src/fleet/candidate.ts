import { awaitsFirstProbe } from './awaits-first-probe.js';
import { type Due, dueReason, isWorthless, type Wanted } from './due.js';
import type { Facts } from './facts.js';
import type { InstanceState, InstanceView } from './instance.js';
import { instanceOf, oldestFirst, viewOf } from './instance-view.js';
import type { TrackedJob } from './job-table.js';
import type { Slot } from './slot.js';

export interface Candidate {
  job: TrackedJob;
  /** Undefined if its script is lost, so that its slot is unknown. */
  slot: Slot | undefined;
  view: InstanceView;
  due: Due | undefined;
  worthless: boolean;
  /**
   * Whether the scheduler's last successful answer lists it. Only then may it be cancelled: an id that is not listed
   * may belong to another job by now.
   */
  listed: boolean;
  /** 0 for a confirmed ready server; higher if less is confirmed. A job never displaces one with less doubt. */
  doubt: number;
}

/** All live jobs; of two in one slot, the one that keeps it comes first. */
export function candidates(spec: Wanted, facts: Facts): Candidate[] {
  return [...facts.jobs.values()]
    .filter((job) => !job.gone)
    .map((job) => candidate(job, spec, facts))
    .sort(
      (a, b) =>
        a.doubt - b.doubt ||
        Number(a.due !== undefined) - Number(b.due !== undefined) ||
        oldestFirst(a.job, b.job),
    );
}

function candidate(job: TrackedJob, spec: Wanted, facts: Facts): Candidate {
  const slot = instanceOf(job, facts);
  const view = viewOf(slot ?? job.fact?.task ?? 0, job, facts);
  const listed = job.fact !== null && job.missingSince === null;
  const due = slot === undefined ? undefined : dueReason(job, view, spec, facts);
  const worthless = due !== undefined && isWorthless(due, view, facts);
  return { job, slot, view, due, worthless, listed, doubt: doubtOf(view, listed, facts) };
}

const DOUBTS: Record<InstanceState, number> = {
  ready: 1,
  starting: 2,
  unhealthy: 2,
  pending: 3,
  draining: 4,
  gone: 4,
};

function doubtOf(view: InstanceView, listed: boolean, facts: Facts): number {
  if (view.state === 'ready' && view.reachable === true) return 0;
  // Its registration may be left from a server that was killed.
  if (!listed) return 5;
  return DOUBTS[view.state] + (isKnownUnhealthy(view, facts) ? 0.5 : 0);
}

function isKnownUnhealthy(view: InstanceView, facts: Facts): boolean {
  return view.state === 'unhealthy' && !awaitsFirstProbe(view, facts);
}

export const isEnding = ({ view }: Candidate): boolean => view.state === 'draining';
