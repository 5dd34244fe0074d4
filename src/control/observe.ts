import { awaitsFirstProbe } from '../fleet/awaits-first-probe.js';
import { decide, type Replacement, type Surplus, slotViews } from '../fleet/decide.js';
import type { Facts } from '../fleet/facts.js';
import type { InstanceView, ServerView } from '../fleet/instance.js';
import { noJobReason } from '../fleet/instance-view.js';
import type { ListAnswer } from '../fleet/job-facts.js';
import type { Slot } from '../fleet/slot.js';
import { emptyTarget, type Spec, slots } from '../fleet/spec.js';
import type { Scheduler } from '../scheduler/port.js';
import { fleetStore } from '../state/store.js';
import { diagnose, type Failure } from './diagnose.js';
import { unrecordedEnds } from './ended-jobs.js';
import { watchFleet } from './fleet-watch.js';
import { probe } from './probe.js';

const CANARIES_MS = 15_000;
/** Milliseconds between two reads of the spec, which another command may change meanwhile. */
const SPEC_MS = 1_000;
/** Milliseconds after a change of the spec during which its jobs may still be submitted. */
const CHANGE_MS = 10_000;
const TICK_MS = 50;

export interface ObserveDeps {
  scheduler: Scheduler;
  stateFolder: string;
  clock: { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> };
  signal: AbortSignal;
  confirmGoneAfterMs: number;
  /** Called once before a noticeable wait, with its reason. */
  onWait: (why: string) => void;
  /** Called with the error when the scheduler stops answering, and with undefined when it answers again. */
  onScheduler?: (words: string | undefined) => void;
}

export interface Observation {
  fleet: string;
  /** Null for jobs whose spec is lost. */
  spec: Spec | null;
  instances: ServerView[];
  gateway: InstanceView | null;
  surplus: Surplus[];
  replacements: Replacement[];
  /** Jobs whose end no command has recorded; their causes are not known yet. */
  unrecorded: InstanceView[];
  /** Finds out why these jobs ended: asks the scheduler once, and reads their logs. */
  diagnose(ended: readonly InstanceView[]): Promise<Failure[]>;
  /** Records which jobs have ended. Only for the holder of the fleet's lock. */
  closeEnded(): Promise<void>;
}

/**
 * Observes the fleets of one cluster once: the scheduler (one call for all fleets, a second only if a job is
 * missing), the registrations, and a health check of each server. `known` are fleets to include even if the
 * scheduler lists none of their jobs, `leftOut` those to leave out even if it does. Writes nothing. For a failed answer of the scheduler it throws what `onFailed`
 * returns.
 */
export async function observe(
  deps: ObserveDeps,
  which: { fleet: string } | { known: readonly string[]; leftOut: readonly string[] },
  onFailed: (words: string) => Error,
): Promise<Observation[]> {
  const fleet = 'fleet' in which ? which.fleet : null;
  const answers = sharedAnswers(deps, fleet, onFailed);
  const first = await answers.next();
  const listed = first.map((job) => job.tag.fleet);
  const names = new Set('fleet' in which ? [which.fleet] : [...which.known, ...listed]);
  const leftOut = 'fleet' in which ? [] : which.leftOut;
  const seen = [...names].filter((name) => !leftOut.includes(name)).sort();
  return Promise.all(seen.map((name) => observeOne(deps, name, answers)));
}

async function observeOne(deps: ObserveDeps, fleet: string, answers: SharedAnswers): Promise<Observation> {
  const scheduler = {
    ...deps.scheduler,
    list: (of: { fleet: string | null }) =>
      of.fleet === null ? deps.scheduler.list(of) : answers.forFleet(fleet),
  };
  const observer = await fleetObserver({ ...deps, scheduler }, fleet);
  const started = deps.clock.now();
  for (;;) {
    const { seen, answered, missing, probing } = await observer.snapshot();
    const late = deps.clock.now() - started > CANARIES_MS;
    if ((answered && !missing && (!probing || late)) || deps.signal.aborted) return seen;
    await observer.pause(TICK_MS);
  }
}

export interface Snapshot {
  seen: Observation;
  answered: boolean;
  /** A job is missing from one answer: only a second one confirms that it is gone. */
  missing: boolean;
  probing: boolean;
}

/** Observes one fleet repeatedly; the scheduler is polled on its own, slower clock. Changes nothing. */
export async function fleetObserver(deps: ObserveDeps, fleet: string) {
  const { scheduler } = deps;
  const store = fleetStore(deps.stateFolder, fleet);
  let writes = false;
  const watch = await watchFleet({
    ...{ scheduler, store },
    probe,
    now: deps.clock.now,
    sleep: deps.clock.sleep,
    signal: deps.signal,
    confirmGoneAfterMs: deps.confirmGoneAfterMs,
    cluster: () => deps.scheduler.facts(),
    onScheduler: deps.onScheduler ?? (() => undefined),
    writes: () => writes,
  });
  let told = false;
  let stored = watch.spec();
  let readAt = deps.clock.now();
  let changedAt = Number.NEGATIVE_INFINITY;
  async function currentSpec(): Promise<Spec | null> {
    if (deps.clock.now() - readAt >= SPEC_MS) {
      readAt = deps.clock.now();
      const read = await store.readSpec();
      if (read !== undefined && read.generation !== stored?.generation) {
        changedAt = readAt;
        watch.jobs.pollSoon();
      }
      stored = read ?? stored;
    }
    return stored ?? watch.spec() ?? null;
  }
  return {
    pause: watch.pause,
    async snapshot(): Promise<Snapshot> {
      const spec = await currentSpec();
      const facts = await watch.snapshot();
      const missing = [...facts.jobs.values()].some((job) => job.missingSince !== null && !job.gone);
      if (missing && !told) {
        told = true;
        deps.onWait('a job is missing from the answer of Slurm: asking once more before it counts as gone');
      }
      const asked = spec ?? emptyTarget(fleet);
      const decision = decide(asked, withoutSubmitting(facts, slots(asked)));
      const { instances, gateway, surplus, replacements } = decision;
      const views = [...slotViews(decision), ...surplus];
      const stable = surplus.length === 0 && views.every(({ state }) => state === 'ready');
      if (stable && (watch.jobs.answeredAt() ?? 0) > changedAt + CHANGE_MS) watch.jobs.pollSlowly();
      const seen: Observation = {
        ...{ fleet, spec, instances, gateway, surplus, replacements },
        unrecorded: unrecordedEnds(facts, watch.submissions),
        diagnose: (ended) =>
          diagnose({ scheduler, store, spec: asked, submissionOf: watch.submissionOf }, ended),
        closeEnded: async () => {
          writes = true;
          await watch.closeEnded().finally(() => {
            writes = false;
          });
        },
      };
      const probing = views.some((view) => awaitsFirstProbe(view, facts));
      return { seen, answered: watch.answered(), missing, probing };
    },
  };
}

/** Nothing will be submitted: a slot whose job ended shows that job as gone. */
function withoutSubmitting(facts: Facts, wanted: readonly Slot[]): Facts {
  const ended = [...facts.jobs.values()].filter((job) => job.gone);
  return {
    ...facts,
    attempted: new Set(wanted),
    causes: new Map(ended.map((job) => [job.id, noJobReason(job)])),
  };
}

/**
 * Shares one answer of the scheduler among all fleets that are observed together. It is reused for as long as two
 * answers must lie apart to confirm that a job is gone; after that the scheduler is asked again.
 */
function sharedAnswers(
  { scheduler, clock, confirmGoneAfterMs }: ObserveDeps,
  fleet: string | null,
  onFailed: (words: string) => Error,
) {
  let last: { answer: Promise<ListAnswer>; at: number } | undefined;
  const current = () => {
    if (last === undefined || clock.now() - last.at >= confirmGoneAfterMs) {
      last = { answer: scheduler.list({ fleet }), at: clock.now() };
    }
    return last.answer;
  };
  return {
    async next() {
      const given = await current();
      if (!given.ok) throw onFailed(given.detail);
      return given.jobs;
    },
    async forFleet(name: string): Promise<ListAnswer> {
      const given = await current();
      return given.ok ? { ok: true, jobs: given.jobs.filter((job) => job.tag.fleet === name) } : given;
    },
  };
}

type SharedAnswers = ReturnType<typeof sharedAnswers>;
