import { awaitsFirstProbe } from '../fleet/awaits-first-probe.js';
import { type Decision, decide, type Surplus, slotViews, successorViews } from '../fleet/decide.js';
import type { EventBody } from '../fleet/events.js';
import type { Facts } from '../fleet/facts.js';
import type { Fault } from '../fleet/faults.js';
import type { InstanceView } from '../fleet/instance.js';
import { submissionOf } from '../fleet/instance-view.js';
import type { Slot } from '../fleet/slot.js';
import { addressNote, cancelEvent, goneEvent, slotEvent, submittedEvent } from '../fleet/slot-events.js';
import type { Spec, Target } from '../fleet/spec.js';
import { submissionReasons } from '../fleet/submission-reasons.js';
import { whatFollows } from '../fleet/what-follows.js';
import type { Scheduler } from '../scheduler/port.js';
import type { DrainWatch } from './drains.js';
import { unrecordedEnds } from './ended-jobs.js';
import type { FaultLog } from './fault-log.js';
import type { FleetWatch } from './fleet-watch.js';
import { type Submitter, submitJobs } from './submit.js';

/** The longest pause between two rounds of the loop; the scheduler is polled on its own, slower clock. */
export const TICK_MS = 100;
/** The same once every server is ready; a keeper waits for weeks. */
const STABLE_TICK_MS = 1_000;
/** A cancelled job that is still there after this long is cancelled again: Slurm's default KillWait is 30 s. */
const CANCEL_AGAIN_MS = 60_000;
const CANCEL_RETRY_MS = 5_000;
/** How long the gateway's next job waits for the node of the one before it. */
const NODE_WAIT_MS = 60_000;

/** Without a submitter, a run only cancels surplus jobs. */
export type Goal = {
  until: (decision: Decision, facts: Facts) => boolean;
  /** For a keeper: servers whose time limit is near are replaced as well. */
  keeps?: boolean;
} & ({ spec: Spec; submitter: Submitter } | { spec: Target; submitter?: undefined });

export interface LoopDeps {
  watch: FleetWatch;
  scheduler: Scheduler;
  now: () => number;
  signal: AbortSignal;
  /** Throws kind `locked` if the fleet's lock is no longer ours. */
  confirmLock: () => Promise<void>;
  drains: DrainWatch;
  /** Jobs whose end has been reported, or that were cancelled here: kept over the runs of one command. */
  ended: Set<string>;
  faults: FaultLog;
  /** The cause of an end, with who cancelled the job. */
  byWhom: (view: InstanceView, cause: string) => string;
  emit: (event: EventBody) => void;
  view: (instances: readonly InstanceView[]) => void;
  /** Updates the endpoints file. Called with every decision once all servers found at the start have been probed. */
  publish: (decision: Decision) => void;
  /** Finds out why jobs ended. Called once for each job. */
  diagnose: (ended: readonly InstanceView[]) => Promise<void>;
}

/**
 * The only observe-decide-act loop. Runs until `until` returns true or the signal fires, and returns the last
 * decision. Acts only after the scheduler has answered once: before that it is unknown which jobs exist.
 */
export async function converge(deps: LoopDeps, goal: Goal): Promise<Decision> {
  const { ended } = deps;
  const wasReady = new Set<string>();
  const noted = new Set<string>();
  const cancelAt = new Map<string, number>();
  const lastEvents = new Map<string, string>();
  const freed = new Set<string>();
  let gatewayNode: string | null = null;
  let allKnown = false;
  for (;;) {
    const facts = {
      ...(await deps.watch.snapshot()),
      keeps: goal.keeps === true,
      faults: deps.faults.all(),
    };
    const decision = decide(goal.spec, facts);
    gatewayNode = decision.gateway?.node ?? gatewayNode;
    const [holders, successors] = [slotViews(decision), successorViews(decision)];
    const views = [...holders, ...successors];
    const unexplained = views.filter((view) => view.state === 'gone' && view.reason === null);
    if (unexplained.length > 0) {
      await deps.diagnose(unexplained);
      continue;
    }
    for (const { jobId, state } of views) if (jobId !== null && state === 'ready') wasReady.add(jobId);
    // A fault asks for a pause.
    if ((await reportEnds(decision, facts)) && goal.keeps === true) continue;
    for (const view of holders) reportChange(String(view.instance), view, facts);
    for (const view of successors) reportChange(successorOf(view.instance), view, facts);
    allKnown ||= !views.some((view) => awaitsFirstProbe(view, facts));
    if (allKnown) deps.publish(decision);
    deps.view([...decision.instances, ...successors, ...decision.surplus.map(shown)]);
    if (deps.signal.aborted) return decision;
    if (deps.watch.answered() && (await act(decision, facts))) continue;
    if (goal.until(decision, facts)) return decision;
    const stable = isStable(decision);
    if (stable) deps.watch.jobs.pollSlowly();
    await deps.watch.pause(stable ? STABLE_TICK_MS : TICK_MS);
  }

  /** Also ends from before this run, which no command has reported. Our own cancellations are reported already. */
  async function reportEnds(decision: Decision, facts: Facts): Promise<boolean> {
    const unrecorded = unrecordedEnds(facts, deps.watch.submissions);
    const ends = unrecorded.filter(({ jobId }) => jobId !== null && !ended.has(jobId));
    const unexplained = ends.filter(({ jobId }) => !deps.watch.causes.has(jobId ?? ''));
    if (unexplained.length > 0) await deps.diagnose(unexplained);
    for (const view of ends) {
      ended.add(view.jobId ?? '');
      const cause = deps.watch.causes.get(view.jobId ?? '') ?? 'it ended';
      const wait = await deps.faults.note(faultOf(view, cause, facts));
      const pause = goal.keeps === true ? wait : '';
      deps.emit(
        goneEvent(
          view,
          deps.byWhom(view, cause),
          whatFollows(view, decision, { pause, submits: goal.submitter !== undefined }),
        ),
      );
    }
    // At once: a command that is killed leaves nothing that the next one would tell again.
    if (unrecorded.length > 0) await deps.watch.closeEnded();
    return ends.length > 0;
  }

  function faultOf(view: InstanceView, cause: string, facts: Facts, state = view.jobState ?? ''): Fault {
    const job = facts.jobs.get(view.jobId ?? '');
    const submission = job === undefined ? undefined : submissionOf(job, facts);
    const id = view.jobId ?? '';
    return {
      ...{ at: deps.now(), slot: view.instance, jobId: id, hash: submission?.hash ?? '', state, cause },
      // A fleet on this machine has no other node to go to.
      node: goal.spec.job?.cluster === 'local' ? null : (view.node ?? (job?.fact?.node || null)),
      lasted: job?.fact?.elapsed ?? 0,
      // Unknown for a job that this run did not submit.
      neverReady: deps.watch.wasSubmittedHere(submission?.id ?? '') && !wasReady.has(id),
    };
  }

  function reportChange(place: string, view: InstanceView, facts: Facts): void {
    const found = !deps.watch.attempted.has(view.instance) && !lastEvents.has(place);
    // Ready by its own health check: it is reported once ours has confirmed it.
    if (found && awaitsFirstProbe(view, facts)) return;
    if (view.state === 'gone' && ended.has(view.jobId ?? '')) return;
    // Its end follows, with its cause.
    if (view.state === 'draining' && view.reason === null) return;
    // Slurm has not listed the job yet.
    if (view.state === 'pending' && view.jobState === null) return;
    const reason = view.reason ?? addressNote(view, goal.spec.job);
    const line = `${view.jobId} ${view.state} ${reason ?? ''}`;
    // A successor may have been reported before it took the place.
    const isReported = [place, successorOf(view.instance)].some((each) => lastEvents.get(each) === line);
    lastEvents.set(place, line);
    if (isReported) return;
    deps.emit(slotEvent(view, reason ?? (found && view.state === 'ready' ? 'found running' : null)));
  }

  async function act(decision: Decision, facts: Facts): Promise<boolean> {
    // Submit before cancelling: if sbatch refuses the new jobs, the old ones must still be there.
    const submitted = await submit(decision, facts);
    await freeGateway(decision, facts);
    // Until all servers are known, the endpoints file does not show that one drains.
    const ending = decision.surplus.filter((view) => view.mayEnd && (allKnown || !view.url));
    const due = (await deps.drains.due(ending, facts, goal.spec.nodes === 0)).filter(
      ({ jobId }) => deps.now() >= (cancelAt.get(jobId ?? '') ?? 0),
    );
    if (due.length > 0) await cancel(due, facts);
    return submitted;
  }

  async function submit(decision: Decision, facts: Facts): Promise<boolean> {
    const missing = decision.submit;
    if (goal.submitter === undefined || missing.length === 0) return false;
    await deps.confirmLock();
    const why = (slots: readonly Slot[]) => submissionReasons(slots, decision, facts);
    for await (const submission of submitJobs(
      { ...goal.submitter, confirmLock: deps.confirmLock, gatewayNode, leftOut: deps.faults.leftOut, onNote },
      goal.spec,
      missing,
    )) {
      deps.watch.submitted(submission);
      deps.emit(submittedEvent(submission, why));
    }
    return true;
  }

  /** A gateway's job that asked for the node of the one before it, and did not get it, may run anywhere. */
  async function freeGateway(decision: Decision, facts: Facts): Promise<void> {
    for (const { jobId, instance, state } of [...slotViews(decision), ...successorViews(decision)]) {
      const job = facts.jobs.get(jobId ?? '');
      if (instance !== 'gateway' || state !== 'pending' || job === undefined || freed.has(job.id)) continue;
      const { node, createdAt } = deps.watch.submissions.get(submissionOf(job, facts)?.id ?? '') ?? {};
      if (node === undefined || deps.now() - Date.parse(createdAt ?? '') < NODE_WAIT_MS) continue;
      freed.add(job.id);
      await deps.confirmLock();
      await deps.scheduler.freeFromNode(job.id);
      onNote(`${node} is not free for the gateway's job ${job.id}: it may run on any node, with another URL`);
    }
  }

  /** Each note once: jobs are submitted one after another. */
  function onNote(reason: string): void {
    if (noted.has(reason)) return;
    noted.add(reason);
    deps.emit({ type: 'warning', reason });
  }

  async function cancel(due: readonly Surplus[], facts: Facts): Promise<void> {
    await deps.confirmLock();
    const answer = await deps.scheduler.cancel(due.flatMap(({ jobId }) => jobId ?? []));
    for (const view of due) {
      const id = view.jobId ?? '';
      ended.add(id);
      if (view.due === 'wedged') await deps.faults.note(faultOf(view, view.why, facts, 'WEDGED'));
      if (answer.ok) deps.emit(cancelEvent(view, view.why, cancelAt.has(id)));
      cancelAt.set(id, deps.now() + (answer.ok ? CANCEL_AGAIN_MS : CANCEL_RETRY_MS));
    }
    if (!answer.ok) deps.emit({ type: 'warning', reason: `scancel: ${answer.detail}` });
    deps.watch.jobs.pollSoon();
  }

  function shown(view: Surplus): InstanceView {
    return deps.drains.isDraining(view.jobId) ? { ...view, state: 'draining', reason: view.why } : view;
  }
}

const successorOf = (slot: Slot) => `successor of ${slot}`;

function isStable(decision: Decision): boolean {
  const views = slotViews(decision);
  return (
    views.length > 0 &&
    decision.surplus.length === 0 &&
    decision.replacements.length === 0 &&
    views.every((view) => view.state === 'ready')
  );
}
