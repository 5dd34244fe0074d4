import { pendingRule } from '../failures/pending.js';
import { awaitsFirstProbe } from './awaits-first-probe.js';
import type { Facts } from './facts.js';
import type { InstanceState, InstanceView, ServerView } from './instance.js';
import { endedView, instanceOf, oldestFirst, submissionOf, viewOf } from './instance-view.js';
import type { TrackedJob } from './job-table.js';
import type { Slot } from './slot.js';
import { type Spec, slotHash, slots } from './spec.js';

export interface Decision {
  instances: ServerView[];
  /** Null where the spec has none. */
  gateway: InstanceView | null;
  submit: Slot[];
  /** Jobs that nobody asked for: another spec's, a second one of an instance, one past the fleet's end. */
  surplus: Surplus[];
}

export interface Surplus extends InstanceView {
  why: string;
  /**
   * Whether it may end now. Only what the scheduler's last good answer lists may: an id that it does not list can
   * be another job's by now. A second job of an instance that runs also waits until the first is known to be ready.
   */
  mayEnd: boolean;
}

export function slotViews({ instances, gateway }: Pick<Decision, 'instances' | 'gateway'>): InstanceView[] {
  return gateway === null ? instances : [...instances, gateway];
}

/** The servers among them that may end now: clients are to stop using them. */
export function endingServers(surplus: readonly Surplus[]): Surplus[] {
  return surplus.filter(({ instance, mayEnd }) => mayEnd && instance !== 'gateway');
}

/** The whole of what sandboxctl decides: what is there, what is missing, what is too much. */
export function decide(spec: Pick<Spec, 'nodes' | 'hash' | 'gateway'>, facts: Facts): Decision {
  const wanted = slots(spec);
  const bySlot = new Map<Slot, InstanceView>();
  const surplus: Surplus[] = [];
  for (const { job, instance, view } of candidates(facts)) {
    const listed = isListed(job);
    if (instance === undefined) {
      // Its script is lost, so nobody knows what it is; it ends only with the whole fleet.
      if (spec.nodes === 0) surplus.push({ ...view, why: STOPPED, mayEnd: listed });
      continue;
    }
    const unwanted = surplusReason(spec, wanted, instance, hashOf(job, facts));
    const holder = bySlot.get(instance);
    if (unwanted !== undefined) surplus.push({ ...view, why: unwanted, mayEnd: listed });
    else if (holder === undefined) bySlot.set(instance, view);
    else {
      const why = `job ${holder.jobId} is the ${holder.state} one of ${instance === 'gateway' ? 'the gateway' : `instance ${instance}`}`;
      surplus.push({ ...view, why, mayEnd: listed && mayYield(view, holder, facts) });
    }
  }
  const unsure = new Set(
    [...facts.submissions.values()].filter((s) => s.jobId === null).flatMap((s) => s.instances),
  );
  const views: InstanceView[] = [];
  const submit: Slot[] = [];
  for (const instance of wanted) {
    const view = bySlot.get(instance);
    if (view !== undefined) {
      views.push(view);
      continue;
    }
    if (!facts.attempted.has(instance) && !unsure.has(instance)) submit.push(instance);
    views.push(endedView(instance, facts, unsure.has(instance)));
  }
  return {
    instances: views.filter((view): view is ServerView => view.instance !== 'gateway'),
    gateway: views.find(({ instance }) => instance === 'gateway') ?? null,
    submit,
    surplus,
  };
}

const STOPPED = 'the fleet is stopped';

/** Undefined where a job of this hash in this slot is what was asked for. */
function surplusReason(
  spec: Pick<Spec, 'nodes' | 'hash' | 'gateway'>,
  wanted: readonly Slot[],
  instance: Slot,
  hash: string | undefined,
): string | undefined {
  if (spec.nodes === 0) return STOPPED;
  if (!wanted.includes(instance)) {
    return instance === 'gateway'
      ? 'the fleet has no gateway any more'
      : `the fleet has ${spec.nodes === 1 ? '1 server' : `${spec.nodes} servers`} now`;
  }
  return hash === slotHash(spec, instance) ? undefined : 'its spec was replaced by a newer one';
}

interface Candidate {
  job: TrackedJob;
  /** Undefined where its script is lost. */
  instance: Slot | undefined;
  view: InstanceView;
}

/** All live jobs; of two that serve one instance the one that is to keep it comes first. */
function candidates(facts: Facts): Candidate[] {
  return [...facts.jobs.values()]
    .filter((job) => !job.gone)
    .map((job) => {
      const instance = instanceOf(job, facts);
      return { job, instance, view: viewOf(instance ?? job.fact?.task ?? 0, job, facts) };
    })
    .sort((a, b) => doubt(a) - doubt(b) || oldestFirst(a.job, b.job));
}

/** A second job of an instance ends once the first one is known to be ready, or where it does not run itself. */
function mayYield(view: InstanceView, holder: InstanceView, facts: Facts): boolean {
  return !awaitsFirstProbe(view, facts) && (view.state === 'pending' || holder.state === 'ready');
}

/** Of those that nobody reaches from here: what runs goes before what pends, and that before what is ending. */
const DOUBTS: { [S in InstanceState]?: number } = { ready: 1, pending: 3, draining: 4 };

/** The less is confirmed of a job, the higher: what nobody has confirmed never displaces what is confirmed. */
function doubt({ job, view }: Candidate): number {
  if (view.state === 'ready' && view.reachable === true) return 0;
  // Its registration may be that of a server which died before it could say so.
  if (!isListed(job)) return 5;
  return DOUBTS[view.state] ?? 2;
}

function isListed({ fact, missingSince }: TrackedJob): boolean {
  return fact !== null && missingSince === null;
}

function hashOf(job: TrackedJob, facts: Facts): string | undefined {
  return submissionOf(job, facts)?.hash;
}

/** Whether a pending job waits for something that no time will bring. */
export function cannotStart(view: InstanceView): boolean {
  return view.state === 'pending' && view.reason !== null && pendingRule(view.reason) !== undefined;
}
