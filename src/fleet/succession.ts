import { awaitsFirstProbe } from './awaits-first-probe.js';
import type { Candidate } from './candidate.js';
import { compareDue, type Due, isRequested, type Wanted } from './due.js';
import type { Facts } from './facts.js';
import type { InstanceView } from './instance.js';
import { upkeepOf } from './replacement.js';
import type { Slot } from './slot.js';

export interface Surplus extends InstanceView {
  why: string;
  /**
   * Whether it may end now: the scheduler's last successful answer lists it, and, if it serves, another server has
   * taken over or the user asked for it.
   */
  mayEnd: boolean;
  due?: Due['kind'];
}

export interface SlotPlan {
  slot: Slot;
  holder: Candidate | undefined;
  successor: Candidate | undefined;
  surplus: Surplus[];
}

export interface Replacement {
  slot: Slot;
  due: Due;
  /** The new job; gone if it failed in this run, null if none is submitted yet. */
  successor: InstanceView | null;
}

interface Replaced extends SlotPlan {
  holder: Candidate & { due: Due };
}

export function isReplaced(plan: SlotPlan): plan is Replaced {
  return plan.holder?.due !== undefined;
}

/** Arranges the jobs of one slot, which come in the order of `candidates`. */
export function planSlot(slot: Slot, found: readonly Candidate[], facts: Facts): SlotPlan {
  const useful = found.filter(({ worthless }) => !worthless);
  const [holder, ...others] = useful;
  const successor = holder?.due === undefined ? undefined : others.find(({ due }) => due === undefined);
  const surplus = found
    .filter((each) => each !== holder && each !== successor)
    .map((each) => surplusOf(each, holder, facts));
  return { slot, holder, successor, surplus };
}

function surplusOf(each: Candidate, holder: Candidate | undefined, facts: Facts): Surplus {
  const { view, due, worthless, listed } = each;
  if (due !== undefined && worthless) return { ...view, why: due.why, mayEnd: listed };
  const yields = holder !== undefined && mayYield(each, holder, facts) && !endsByItself(view, facts);
  const why = due === undefined ? secondOf(holder) : `${due.why}; job ${holder?.view.jobId} has taken over`;
  return { ...view, why, mayEnd: listed && yields, ...(due === undefined ? {} : { due: due.kind }) };
}

/** A job that is over but not gone yet: to cancel it would hide why it ended. One that hangs meanwhile is cancelled. */
function endsByItself({ jobId, jobState }: InstanceView, { registrations }: Facts): boolean {
  const registered = registrations.get(jobId ?? '');
  return jobState === 'COMPLETING' || (registered?.state === 'gone' && !registered.stale);
}

function secondOf(holder: Candidate | undefined): string {
  const { jobId, state, instance } = holder?.view ?? { jobId: null, state: 'gone', instance: 0 };
  return `job ${jobId} is the ${state} one of ${instance === 'gateway' ? 'the gateway' : `instance ${instance}`}`;
}

/** A duplicate job of a slot ends once the first one serves, or if it does not run itself. */
function mayYield({ view }: Candidate, holder: Candidate, facts: Facts): boolean {
  if (awaitsFirstProbe(view, facts)) return false;
  if (view.state === 'pending') return true;
  return holder.view.state === 'ready' && (view.state !== 'ready' || gatewaysKnow(holder.view, facts));
}

function gatewaysKnow({ instance, jobId }: InstanceView, { inRotation }: Facts): boolean {
  return instance === 'gateway' || inRotation === null || inRotation.has(jobId ?? '');
}

/**
 * Ends servers of an earlier spec before their successors are ready, as far as `maxUnavailable` allows. Ready ones
 * end last.
 */
export function makeRoom(plans: readonly SlotPlan[], spec: Wanted, facts: Facts): SlotPlan[] {
  const servers = plans.filter(({ slot }) => slot !== 'gateway');
  const missing = servers.filter(({ holder }) => holder?.view.state !== 'ready').length;
  const { maxUnavailable } = upkeepOf(spec);
  const onRequest = servers
    .filter(isReplaced)
    .filter(({ holder }) => isRequested(holder.due) && !awaitsFirstProbe(holder.view, facts));
  const isReady = ({ holder }: Replaced) => holder.view.state === 'ready';
  const ended = new Set<SlotPlan>([
    ...onRequest.filter((plan) => !isReady(plan)).slice(0, maxUnavailable),
    ...onRequest
      .filter(isReady)
      .sort(byUrgency)
      .slice(0, Math.max(0, maxUnavailable - missing)),
  ]);
  return plans.map((plan) => (ended.has(plan) && isReplaced(plan) ? endEarly(plan) : plan));
}

function endEarly({ slot, holder, successor, surplus }: Replaced): SlotPlan {
  const ended = { ...holder.view, why: holder.due.why, mayEnd: holder.listed };
  return { slot, holder: successor, successor: undefined, surplus: [...surplus, ended] };
}

export const byUrgency = (a: Replaced, b: Replaced): number => compareDue(a.holder, b.holder);
