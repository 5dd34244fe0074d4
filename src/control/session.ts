import { SandboxctlError } from '../errors.js';
import type { Lock } from '../files/lock.js';
import type { ClusterFacts } from '../fleet/cluster-facts.js';
import type { Decision } from '../fleet/decide.js';
import type { EventBody, FleetEvent } from '../fleet/events.js';
import type { Facts } from '../fleet/facts.js';
import type { InstanceView } from '../fleet/instance.js';
import type { Target } from '../fleet/spec.js';
import type { Scheduler } from '../scheduler/port.js';
import { gatewayWatch } from '../state/gateways.js';
import type { FleetStore } from '../state/store.js';
import { diagnose, type Failure } from './diagnose.js';
import { drainWatch } from './drains.js';
import { watchFleet } from './fleet-watch.js';
import { converge, type Submit, TICK_MS } from './loop.js';
import { probe } from './probe.js';
import { endpointsPublisher } from './publisher.js';

/** What the outside hands to a session; the parts of a command's context that it needs. */
export interface SessionDeps {
  store: FleetStore;
  scheduler: Scheduler;
  clock: { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> };
  signal: AbortSignal;
  settleMs: number;
  /** Asked at most once, when a node's address is needed. */
  cluster: () => Promise<ClusterFacts>;
  /** The fleet's lock: only as long as it is ours files are written and jobs touched. */
  lock: Pick<Lock, 'held' | 'confirm'>;
  /** Longest wait for the runs of a server that is to end. Seconds; 0 cancels at once. */
  drain: number;
  /** Hears of every SIGINT first, until the session is closed. */
  onInterrupt: (handler: (() => boolean) | undefined) => void;
  show: { event(event: FleetEvent): void; view(instances: readonly InstanceView[]): void };
}

export interface Goal {
  spec: Target;
  submit?: Submit;
  until: (decision: Decision, facts: Facts) => boolean;
}

/** One run of the loop over one fleet, with everything that it writes on the way. */
export async function openSession(deps: SessionDeps) {
  const { store, scheduler, clock } = deps;
  const failures = new Map<string, Failure>();
  let unwritten: FleetEvent[] = [];
  let writing = Promise.resolve();

  const emit = (body: EventBody) => {
    const event: FleetEvent = {
      schema_version: 1,
      time: new Date(clock.now()).toISOString(),
      fleet: store.fleet,
      ...body,
    };
    deps.show.event(event);
    if (!deps.lock.held()) return;
    unwritten.push(event);
    writing = writing.then(writeEvents);
  };

  /** Those of a whole fleet come at once, and go out together. */
  async function writeEvents(): Promise<void> {
    const events = unwritten;
    unwritten = [];
    if (events.length > 0) await store.appendEvents(events).catch(() => undefined);
  }

  const watch = await watchFleet({
    scheduler,
    store,
    probe,
    now: clock.now,
    sleep: clock.sleep,
    signal: deps.signal,
    settleMs: deps.settleMs,
    cluster: deps.cluster,
    writes: deps.lock.held,
    onScheduler: (words) =>
      emit(
        words === undefined
          ? { type: 'warning', reason: 'Slurm answers again' }
          : { type: 'warning', reason: `Slurm does not answer, still waiting: ${words}` },
      ),
    onLost: (intent) =>
      emit({
        type: 'warning',
        reason: `a submission of ${intent.instances.length} never reached Slurm`,
        data: { submission: intent.id },
      }),
  });

  const endpoints = endpointsPublisher({ store, lock: deps.lock, now: clock.now, emit });
  const gateways = gatewayWatch(store, () => performance.now());
  const drains = drainWatch({
    now: clock.now,
    longest: deps.drain * 1000,
    gateways: gateways.live,
    published: endpoints.settle,
    emit,
  });
  deps.onInterrupt(drains.interrupt);

  async function explain(spec: Target, ended: readonly InstanceView[]): Promise<void> {
    const found = await diagnose({ scheduler, store, spec, submissionOf: watch.submissionOf }, ended);
    for (const failure of found) {
      const id = failure.view.jobId ?? '';
      watch.causes.set(id, failure.cause);
      failures.set(id, failure);
    }
  }

  async function confirmLock(): Promise<void> {
    if (await deps.lock.confirm()) return;
    throw new SandboxctlError('locked', {
      what: `somebody else took over fleet ${store.fleet} while this command stood still`,
      hint: "'sandboxctl status' shows the fleet; run this again once the other one is done",
    });
  }

  return {
    watch,
    emit,
    /** Before anything is changed after a wait. Throws kind `locked` where the lock is not ours any more. */
    confirmLock,
    failures,
    /** Waits for the scheduler's first good answer, however long that takes; false when interrupted. */
    async firstAnswer(): Promise<boolean> {
      while (!watch.answered() && !deps.signal.aborted) {
        await watch.look();
        await watch.pause(TICK_MS);
      }
      return watch.answered();
    },
    async run(goal: Goal): Promise<Decision> {
      const decision = await converge(
        {
          watch,
          scheduler,
          now: clock.now,
          signal: deps.signal,
          submit: goal.submit,
          confirmLock,
          drains,
          emit,
          view: deps.show.view,
          publish: (decision) => endpoints.offer(goal.spec, decision),
          diagnose: (ended) => explain(goal.spec, ended),
        },
        goal.spec,
        goal.until,
      );
      await endpoints.settle();
      return decision;
    },
    /** Ends what is under way; nothing that it meets is news. */
    async close(): Promise<void> {
      deps.onInterrupt(undefined);
      await endpoints.settle().catch(() => undefined);
      if (deps.lock.held()) await watch.closeEnded();
      await writing;
    },
  };
}

export type Session = Awaited<ReturnType<typeof openSession>>;
