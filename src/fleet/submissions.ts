import type { Candidate } from './candidate.js';
import { isRequested, type Wanted } from './due.js';
import type { Facts } from './facts.js';
import { pausesOf } from './faults.js';
import type { InstanceView } from './instance.js';
import { upkeepOf } from './replacement.js';
import type { Slot } from './slot.js';
import { slotHash } from './spec.js';
import { byUrgency, isReplaced, type Replacement, type SlotPlan } from './succession.js';

interface Planned {
  plans: readonly SlotPlan[];
  found: readonly Candidate[];
  unsure: readonly Slot[];
  replacements: readonly Replacement[];
}

/**
 * The slots that need a job now: first those without one, then those whose job is due for replacement. A fleet of N
 * servers never has more than N jobs plus the allowed surge.
 */
export function slotsToSubmit(
  { plans, found, unsure, replacements }: Planned,
  spec: Wanted,
  facts: Facts,
): Slot[] {
  const { maxSurge, maxWedged } = upkeepOf(spec);
  const mayTry = ({ slot }: SlotPlan) => !unsure.includes(slot) && !isPaused(slot, spec, facts);
  const empty = plans.filter((plan) => plan.holder === undefined && mayTry(plan));
  const due = plans.filter(isReplaced).sort(byUrgency);
  const isWedged = ({ holder }: (typeof due)[number]) => holder.due.kind === 'wedged';
  const wedged = due.filter(isWedged);
  const free = maxWedged - wedged.filter(({ successor }) => successor !== undefined).length;
  // If one successor failed in this run, or is about to, others with the same spec would fail, too.
  const halted =
    !facts.keeps && replacements.some(({ due, successor }) => isRequested(due) && endsOrEnded(successor));
  const waiting = due.filter(
    (plan) => plan.successor === undefined && mayTry(plan) && !(halted && isRequested(plan.holder.due)),
  );
  const allowed = [
    ...waiting.filter(isWedged).slice(0, Math.max(0, free)),
    ...waiting.filter((plan) => !isWedged(plan)),
  ];
  const missing = [...empty, ...allowed].map(({ slot }) => slot);
  const servers = missing.filter((slot) => slot !== 'gateway');
  const room = spec.nodes + maxSurge - jobsOf(found, unsure);
  return [...servers.slice(0, Math.max(0, room)), ...missing.filter((slot) => slot === 'gateway')];
}

function endsOrEnded(successor: InstanceView | null): boolean {
  return successor?.state === 'gone' || successor?.state === 'draining';
}

/** `deploy` tries each slot once; `keep` tries again after growing pauses. */
function isPaused(slot: Slot, spec: Wanted, { keeps, attempted, faults, now }: Facts): boolean {
  if (!keeps) return attempted.has(slot);
  const pause = pausesOf(faults, slotHash(spec, slot), slot);
  return pause !== undefined && (pause.until === null || now < pause.until);
}

/** Jobs that run or may run a server; not those that are completing. */
function jobsOf(found: readonly Candidate[], unsure: readonly Slot[]): number {
  const live = found.filter(({ slot, view }) => slot !== 'gateway' && view.jobState !== 'COMPLETING');
  return live.length + unsure.filter((slot) => slot !== 'gateway').length;
}
