import { type Decision, decide, type Surplus, slotViews } from '../fleet/decide.js';
import type { EventBody } from '../fleet/events.js';
import type { Facts } from '../fleet/facts.js';
import type { InstanceView } from '../fleet/instance.js';
import { firstPort, GATEWAY, type JobSpec, slotName, type Target } from '../fleet/spec.js';
import { unasked } from '../fleet/unasked.js';
import type { Scheduler } from '../scheduler/port.js';
import type { Intent } from '../state/store.js';
import { type DrainWatch, endEvent } from './drains.js';
import type { FleetWatch } from './fleet-watch.js';

/** How often registrations are listed and decisions made, where no news asks for it sooner; the scheduler has its own, slower clock. */
export const TICK_MS = 100;
/** A cancelled job that is still there after this long is cancelled again: Slurm's default KillWait is 30 s. */
const CANCEL_AGAIN_MS = 60_000;
/** A scancel that failed is tried again this much later. */
const CANCEL_FAILED_MS = 5_000;

/** Submits jobs for instances, and tells of each submission once sbatch has answered for it. */
export type Submit = (instances: readonly number[], onSubmitted: (intent: Intent) => void) => Promise<void>;

export interface LoopDeps {
  watch: FleetWatch;
  scheduler: Scheduler;
  now: () => number;
  signal: AbortSignal;
  /** Undefined where this run may only look: it submits and cancels nothing. */
  submit: Submit | undefined;
  /** Throws kind `locked` where the fleet's lock is not ours any more. */
  confirmLock: () => Promise<void>;
  drains: DrainWatch;
  emit: (event: EventBody) => void;
  view: (instances: readonly InstanceView[]) => void;
  /**
   * The endpoints file follows. Called with every decision, from the first on in which each server that was
   * there already has been asked.
   */
  publish: (decision: Decision) => void;
  /** Why jobs that ended did, told once for each. */
  diagnose: (ended: readonly InstanceView[]) => Promise<void>;
}

/**
 * The only observe-decide-act loop. Runs until `until` says so or the signal fires, and returns the last
 * decision. Acts only after the scheduler has answered once: before that nobody knows what exists.
 */
export async function converge(
  deps: LoopDeps,
  spec: Target,
  until: (decision: Decision, facts: Facts) => boolean,
): Promise<Decision> {
  const cancelAt = new Map<string, number>();
  const told = new Map<number, string>();
  const seen = new Map<number, InstanceView>();
  let known = false;
  for (;;) {
    const facts = await deps.watch.look();
    const decision = decide(spec, facts);
    const views = slotViews(decision);
    const ended = views.filter((view) => view.state === 'gone' && view.reason === null);
    if (ended.length > 0) {
      await deps.diagnose(ended);
      continue;
    }
    await tellLost(decision, facts);
    tellChanges(views, spec.job, told, deps.emit);
    known ||= !views.some((view) => unasked(view, facts));
    if (known) deps.publish(decision);
    deps.view([...decision.instances, ...decision.surplus.map(shown)]);
    if (deps.signal.aborted) return decision;
    if (deps.watch.answered() && (await act(decision, facts))) continue;
    if (until(decision, facts)) return decision;
    if (nothingExpected(decision)) deps.watch.jobs.rest();
    await deps.watch.pause(TICK_MS);
  }

  /** A job that this run has seen and that ended is replaced; why it ended would be told nowhere else. */
  async function tellLost(decision: Decision, facts: Facts): Promise<void> {
    for (const instance of decision.submit) {
      const last = seen.get(instance);
      seen.delete(instance);
      if (deps.submit === undefined || last?.jobId == null || !facts.jobs.get(last.jobId)?.gone) continue;
      const lost: InstanceView = { ...last, state: 'gone', reason: null };
      await deps.diagnose([lost]);
      const cause = deps.watch.causes.get(last.jobId) ?? 'it ended';
      deps.emit(instanceEvent(lost, `${cause}; another job takes its place`));
    }
    for (const view of slotViews(decision)) if (view.jobId !== null) seen.set(view.instance, view);
  }

  async function act(decision: Decision, facts: Facts): Promise<boolean> {
    const submits = deps.submit !== undefined && decision.submit.length > 0;
    if (submits) await deps.confirmLock();
    // New jobs go first: where sbatch refuses them, the old ones must not be gone already.
    if (submits) await submit(decision.submit);
    // Who has servers that are not known yet has not been told that one drains.
    const ending = decision.surplus.filter((view) => view.mayEnd && (known || !view.url));
    const due = (await deps.drains.due(ending, facts, spec.nodes === 0)).filter(
      ({ jobId }) => deps.now() >= (cancelAt.get(jobId ?? '') ?? 0),
    );
    if (due.length > 0) {
      await deps.confirmLock();
      await cancel(due);
    }
    return submits;
  }

  async function submit(instances: readonly number[]): Promise<void> {
    await deps.submit?.(instances, (intent) => {
      deps.watch.submitted(intent);
      deps.emit(submittedEvent(intent));
    });
  }

  async function cancel(due: readonly Surplus[]): Promise<void> {
    const ids = due.flatMap(({ jobId }) => jobId ?? []);
    const answer = await deps.scheduler.cancel(ids);
    for (const view of due) {
      const id = view.jobId ?? '';
      if (answer.ok) deps.emit(endEvent(view, `cancelled${cancelAt.has(id) ? ' again' : ''}: ${view.why}`));
      cancelAt.set(id, deps.now() + (answer.ok ? CANCEL_AGAIN_MS : CANCEL_FAILED_MS));
    }
    if (!answer.ok) deps.emit({ type: 'warning', reason: `scancel: ${answer.words}` });
    deps.watch.jobs.hurry();
  }

  function shown(view: Surplus): InstanceView {
    return deps.drains.isDraining(view.jobId) ? { ...view, state: 'draining', reason: view.why } : view;
  }
}

function nothingExpected(decision: Decision): boolean {
  const views = slotViews(decision);
  return views.length > 0 && decision.surplus.length === 0 && views.every((view) => view.state === 'ready');
}

function submittedEvent(intent: Intent): EventBody {
  const one = intent.instances[0] === GATEWAY ? `the ${slotName(GATEWAY)}` : '1 job';
  const many = intent.instances.length === 1 ? one : `${intent.instances.length} jobs`;
  const words =
    intent.jobId === null
      ? `${many} sent, but sbatch gave no clear answer: looking for them`
      : `${many} as ${intent.jobId}`;
  return {
    type: 'submitted',
    ...(intent.jobId === null ? {} : { job_id: intent.jobId }),
    reason: words,
    data: { instances: intent.instances, submission: intent.id },
  };
}

function tellChanges(
  instances: readonly InstanceView[],
  job: JobSpec | undefined,
  told: Map<number, string>,
  emit: (event: EventBody) => void,
): void {
  for (const view of instances) {
    // Nothing is news of a job that Slurm has not told of.
    if (view.state === 'pending' && view.jobState === null) continue;
    const reason = view.reason ?? movedTo(view, job);
    const line = `${view.jobId} ${view.state} ${reason ?? ''}`;
    if (told.get(view.instance) === line) continue;
    told.set(view.instance, line);
    emit(instanceEvent(view, reason));
  }
}

function instanceEvent(view: InstanceView, reason: string | null): EventBody {
  return {
    ...(view.instance === GATEWAY
      ? { type: 'gateway' as const }
      : { type: 'instance' as const, instance: view.instance }),
    state: view.state,
    ...(view.jobId === null ? {} : { job_id: view.jobId }),
    ...(view.node === null ? {} : { node: view.node }),
    ...(reason === null ? {} : { reason }),
    data: { url: view.url, reachable: view.reachable, expected_start: view.expectedStart },
  };
}

/** Clients that take hosts alone ask the usual port, so another one is worth a word. */
function movedTo(view: InstanceView, job: JobSpec | undefined): string | null {
  if (view.state !== 'ready' || view.port === null || job === undefined) return null;
  if (view.instance === GATEWAY) return `clients go to ${view.url}`;
  const asked = firstPort(job, view.instance);
  return view.port === asked ? null : `on port ${view.port}, since ${asked} was taken`;
}
