import { pendingRule } from '../failures/pending.js';
import { type Candidate, candidates } from './candidate.js';
import { chosenSlots } from './chosen-slots.js';
import type { Wanted } from './due.js';
import type { Facts } from './facts.js';
import type { InstanceView, ServerView } from './instance.js';
import { endedView, oldestFirst, submissionOf } from './instance-view.js';
import { compareSlots, type Slot } from './slot.js';
import { slotHash } from './spec.js';
import { slotsToSubmit } from './submissions.js';
import {
  isReplaced,
  makeRoom,
  planSlot,
  type Replacement,
  type SlotPlan,
  type Surplus,
} from './succession.js';

export type { Replacement, Surplus };

export interface Decision {
  instances: ServerView[];
  /** Null if the spec has none. */
  gateway: InstanceView | null;
  /** Jobs that are to be replaced, in the order of the slots. */
  replacements: Replacement[];
  submit: Slot[];
  /** Jobs that the fleet does not need: replaced ones, duplicates of an instance, those of a fleet that shrinks. */
  surplus: Surplus[];
}

export function slotViews({ instances, gateway }: Pick<Decision, 'instances' | 'gateway'>): InstanceView[] {
  return gateway === null ? instances : [...instances, gateway];
}

export function successorViews({ replacements }: Pick<Decision, 'replacements'>): InstanceView[] {
  return replacements.flatMap(({ successor }) => successor ?? []);
}

/** The servers among them that may end now, so that clients must stop using them. */
export function endingServers(surplus: readonly Surplus[]): Surplus[] {
  return surplus.filter(({ instance, mayEnd }) => mayEnd && instance !== 'gateway');
}

/** Every decision of sandboxctl: which jobs exist, are missing, are to be replaced, or are surplus. */
export function decide(spec: Wanted, facts: Facts): Decision {
  const found = candidates(spec, facts);
  if (spec.nodes === 0) return stopped(found);
  const wanted = chosenSlots(spec, found);
  const unsure = [...facts.submissions.values()].filter((s) => s.jobId === null).flatMap((s) => s.instances);
  const plans = makeRoom(
    wanted.map((slot) =>
      planSlot(
        slot,
        found.filter((each) => each.slot === slot),
        facts,
      ),
    ),
    spec,
    facts,
  );
  const viewOfPlan = ({ slot, holder }: SlotPlan): InstanceView =>
    holder?.view ?? endedView(slot, facts, unsure.includes(slot));
  const views = plans.map(viewOfPlan);
  const replacements = plans.filter(isReplaced).map(({ slot, holder, successor }) => ({
    ...{ slot, due: holder.due },
    successor: successor?.view ?? failedSuccessor(slot, holder, unsure, spec, facts),
  }));
  return {
    instances: views.filter((view): view is ServerView => view.instance !== 'gateway'),
    gateway: views.find(({ instance }) => instance === 'gateway') ?? null,
    replacements,
    submit: slotsToSubmit({ plans, found, unsure, replacements }, spec, facts).sort(compareSlots),
    surplus: [...unwanted(spec, found, wanted), ...plans.flatMap(({ surplus }) => surplus)],
  };
}

function stopped(found: readonly Candidate[]): Decision {
  const surplus = found
    .toSorted((a, b) => oldestFirst(a.job, b.job))
    .map(({ view, listed }) => ({ ...view, why: 'the fleet is stopped', mayEnd: listed }));
  return { instances: [], gateway: null, replacements: [], submit: [], surplus };
}

/** Jobs in no wanted slot. A job whose script is lost is left alone: its slot is unknown. */
function unwanted(spec: Wanted, found: readonly Candidate[], wanted: readonly Slot[]): Surplus[] {
  const servers = spec.nodes === 1 ? '1 server' : `${spec.nodes} servers`;
  return found
    .filter(({ slot }) => slot !== undefined && !wanted.includes(slot))
    .map(({ slot, view, listed }) => ({
      ...view,
      why: slot === 'gateway' ? 'the fleet has no gateway any more' : `the fleet has ${servers} now`,
      mayEnd: listed,
    }));
}

function failedSuccessor(
  slot: Slot,
  holder: Candidate,
  unsure: readonly Slot[],
  spec: Wanted,
  facts: Facts,
): InstanceView | null {
  const view = endedView(slot, facts, unsure.includes(slot));
  const job = facts.jobs.get(view.jobId ?? '');
  if (view.state !== 'gone' || job === undefined || oldestFirst(job, holder.job) < 0) return null;
  return submissionOf(job, facts)?.hash === slotHash(spec, slot) ? view : null;
}

export function cannotStart(view: InstanceView): boolean {
  return view.state === 'pending' && view.reason !== null && pendingRule(view.reason) !== undefined;
}
