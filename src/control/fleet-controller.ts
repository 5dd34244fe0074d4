import { SandboxctlError } from '../errors.js';
import { isUnwritable } from '../files/atomic.js';
import type { Lock } from '../files/lock.js';
import type { ClusterFacts } from '../fleet/cluster-facts.js';
import type { Decision } from '../fleet/decide.js';
import type { FleetEvent } from '../fleet/events.js';
import type { InstanceView } from '../fleet/instance.js';
import { submittedEvent } from '../fleet/slot-events.js';
import type { Target } from '../fleet/spec.js';
import type { Scheduler } from '../scheduler/port.js';
import { gatewayWatch } from '../state/gateways.js';
import { removeEnded } from '../state/remove-ended.js';
import type { FleetStore } from '../state/store.js';
import { diagnose, type Failure } from './diagnose.js';
import { drainWatch } from './drains.js';
import { eventLog } from './event-log.js';
import { faultLog } from './fault-log.js';
import { watchFleet } from './fleet-watch.js';
import { converge, type Goal, TICK_MS } from './loop.js';
import { mendSpec } from './mend-spec.js';
import { type Probe, probe } from './probe.js';
import { endpointsPublisher } from './publisher.js';

export interface ControllerDeps {
  store: FleetStore;
  scheduler: Scheduler;
  clock: { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> };
  signal: AbortSignal;
  confirmGoneAfterMs: number;
  /** Called at most once, when a node's address is needed. */
  cluster: () => Promise<ClusterFacts>;
  probe?: Probe;
  /** The fleet's lock. Files are written and jobs changed only while it is held. */
  lock: Pick<Lock, 'held' | 'confirm'>;
  /** Longest wait for the runs of a server that is to end. Seconds; 0 cancels at once. */
  drain: number;
  /** Registers a handler that receives every SIGINT first; undefined removes it. */
  onInterrupt: (handler: (() => boolean) | undefined) => void;
  show: { event(event: FleetEvent): void; view(instances: readonly InstanceView[]): void };
  /** The command that this controller works for: events of plans and results name it. */
  command?: string;
  /** Of the controllers before this one in the same process. */
  memory?: ControllerMemory;
}

/** What could not be written to a full disk. */
export interface ControllerMemory {
  /** Jobs whose end has been reported. */
  ended: Set<string>;
  unwritten: FleetEvent[];
}

/** Runs the control loop over one fleet, and keeps its events, endpoints file and submissions up to date. */
export async function openFleetController(deps: ControllerDeps) {
  const { store, scheduler, clock, lock } = deps;
  const failures = new Map<string, Failure>();
  const { ended } = deps.memory ?? { ended: new Set<string>() };
  const events = await eventLog(deps);
  const { emit } = events;
  if (lock.held()) await mendSpec(store, emit);
  const faults = await faultLog({ store, now: clock.now, writes: lock.held, emit });
  const gateways = gatewayWatch(store, () => performance.now());

  const watch = await watchFleet({
    scheduler,
    store,
    probe: deps.probe ?? probe,
    now: clock.now,
    sleep: clock.sleep,
    signal: deps.signal,
    confirmGoneAfterMs: deps.confirmGoneAfterMs,
    cluster: deps.cluster,
    writes: lock.held,
    gateways: gateways.live,
    onScheduler: (words) =>
      emit({
        type: 'warning',
        reason:
          words === undefined ? 'Slurm answers again' : `Slurm does not answer, still waiting: ${words}`,
      }),
    onLost: ({ id, instances }) =>
      emit({
        type: 'warning',
        reason: `a submission of ${instances.length} ${instances.length === 1 ? 'job' : 'jobs'} never reached Slurm`,
        data: { submission: id },
      }),
    onArrived: (submission) =>
      emit(submittedEvent(submission, () => ', by an sbatch that gave no clear answer')),
  });

  const endpoints = endpointsPublisher({ store, lock, now: clock.now, emit });
  const drains = drainWatch({
    now: clock.now,
    longest: deps.drain * 1000,
    gateways: gateways.live,
    published: endpoints.flush,
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

  /**
   * Called before any change that follows a wait. Throws kind `locked` if another command has taken the lock over.
   */
  async function confirmLock(): Promise<void> {
    if (await lock.confirm()) return;
    throw new SandboxctlError('locked', {
      what: `another command took over fleet ${store.fleet} while this one was suspended`,
      hint: "'sandboxctl status' shows the fleet; run this command again once the other one has finished",
    });
  }

  /** Records ended jobs, and deletes their records a week later. */
  async function tidy(): Promise<void> {
    await watch.closeEnded();
    await removeEnded(store, clock.now()).catch((error: unknown) => {
      if (!isUnwritable(error)) throw error;
    });
  }

  return {
    watch,
    tidy,
    emit,
    advise: events.advise,
    confirmLock,
    failures,
    endpoints: endpoints.current,
    /** Waits for the scheduler's first successful answer, until this time; false if there was none. */
    async firstAnswer(until = Number.POSITIVE_INFINITY): Promise<boolean> {
      while (!watch.answered() && !deps.signal.aborted && clock.now() < until) {
        await watch.snapshot();
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
          confirmLock,
          drains,
          ended,
          faults,
          byWhom: events.byWhom,
          emit,
          view: deps.show.view,
          publish: (decision) => endpoints.offer(goal.spec, decision),
          diagnose: (ended) => explain(goal.spec, ended),
        },
        goal,
      );
      await endpoints.flush();
      return decision;
    },
    /** Stops background work; late errors are ignored. */
    async close(): Promise<void> {
      deps.onInterrupt(undefined);
      await endpoints.flush().catch(() => undefined);
      if (lock.held()) await tidy();
      await events.flush();
    },
  };
}

export type FleetController = Awaited<ReturnType<typeof openFleetController>>;
