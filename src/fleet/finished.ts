import { awaitsFirstProbe } from './awaits-first-probe.js';
import { cannotStart, type Decision, type Replacement, slotViews, successorViews } from './decide.js';
import { isRequested } from './due.js';
import type { Facts } from './facts.js';
import type { InstanceView } from './instance.js';
import { pausedReason } from './job-table.js';

/** How long `deploy` waits. Seconds. */
export interface WaitRules {
  /** From the start of its job until a server is ready. */
  timeout: number;
  /** Null for no limit. */
  pendingTimeout: number | null;
  /** Null for all servers. */
  minReady: number | null;
}

export function allProbed(decision: Decision, facts: Facts): boolean {
  const views = [...slotViews(decision), ...successorViews(decision)];
  return !views.some((view) => awaitsFirstProbe(view, facts));
}

/** Whether Slurm has accepted all that the fleet needs: no job is missing, and surplus jobs are stopping. */
export function allSubmitted(decision: Decision): boolean {
  return decision.submit.length === 0 && surplusStopping(decision);
}

/** The servers of an earlier spec, or from before a `renew`, that are still to be replaced. */
export function notRolledOut({ replacements }: Decision): Replacement[] {
  return replacements.filter(({ due }) => isRequested(due));
}

export function surplusStopping({ surplus }: Decision): boolean {
  return surplus.every((view) => view.state === 'draining');
}

/**
 * Returns a predicate that is true once waiting longer cannot make another server ready within the rules: each
 * is ready, gone, unable to start, or past its timeout, and so is each that takes over from another. The first
 * that cannot take over ends the wait for all of a changed spec. It keeps the time at which each wait began.
 */
export function isFinished({ timeout, pendingTimeout, minReady }: WaitRules, now: () => number) {
  const since = new Map<string, number>();
  const waitedSeconds = (view: InstanceView, facts: Facts) => {
    const paused = pausedReason(view.jobState ?? '') !== undefined;
    const key = `${view.instance} ${view.jobId} ${view.state === 'pending'} ${paused}`;
    // Slurm counts the time before the pause, too; only the time since then matters here.
    const ran = view.jobId === null || paused ? 0 : (facts.jobs.get(view.jobId)?.fact?.elapsed ?? 0);
    if (!since.has(key)) since.set(key, now() - ran * 1000);
    return (now() - (since.get(key) ?? now())) / 1000;
  };
  return (decision: Decision, facts: Facts): boolean => {
    if (!allSubmitted(decision)) return false;
    const { instances, gateway } = decision;
    const isOver = (view: InstanceView) => {
      if (view.state === 'ready' || view.state === 'gone' || cannotStart(view)) return true;
      if (view.state === 'pending')
        return waitedSeconds(view, facts) >= (pendingTimeout ?? Number.POSITIVE_INFINITY);
      return waitedSeconds(view, facts) >= timeout && !awaitsFirstProbe(view, facts);
    };
    const waiting = decision.replacements.filter(
      ({ due: { kind } }) => kind !== 'limit' && kind !== 'ending',
    );
    const failed = waiting.filter(
      ({ successor }) => successor !== null && successor.state !== 'ready' && isOver(successor),
    );
    const isFailed = (view: InstanceView) => view.state !== 'ready' && isOver(view);
    if (failed.some(({ due }) => isRequested(due))) return true;
    if (notRolledOut(decision).length > 0 && instances.some(isFailed)) return true;
    if (failed.length < waiting.length) return false;
    const ready = instances.filter((view) => view.state === 'ready').length;
    const enough = minReady !== null && ready >= minReady;
    if (gateway !== null && !isOver(gateway)) return false;
    // With --min-ready met, jobs that may stay pending for days are not waited for.
    return instances.every((view) => isOver(view) || (enough && view.state === 'pending'));
  };
}
