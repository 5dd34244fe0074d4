import type { Config } from '../../config/settings.js';
import { whyPaused } from '../../fleet/belief.js';
import { type Decision, slotViews, stuck } from '../../fleet/decide.js';
import type { Facts } from '../../fleet/facts.js';
import type { InstanceView } from '../../fleet/instance.js';
import { unasked } from '../../fleet/unasked.js';

/** When a deploy has waited enough. Seconds. */
export interface SettleRules {
  /** From the start of its job until a server is ready. */
  timeout: number;
  pendingTimeout: number | null;
  minReady: number | null;
}

export function settleRules(config: Config): SettleRules {
  return { timeout: config.timeout, pendingTimeout: config.pendingTimeout, minReady: config.minReady };
}

/** Whether every server that says it is ready has been asked. */
export function allAsked(decision: Decision, facts: Facts): boolean {
  return !slotViews(decision).some((view) => unasked(view, facts));
}

/** Whether Slurm has taken in all that the fleet needs: nothing is to be submitted, and what is too much ends. */
export function handedOver(decision: Decision): boolean {
  return decision.submit.length === 0 && surplusEnds(decision);
}

/** Whether Slurm ends all that is too much. */
export function surplusEnds({ surplus }: Decision): boolean {
  return surplus.every((view) => view.state === 'draining');
}

/** True once no server can become ready any more within the rules: each is ready, gone, stuck or late. */
export function settled(rules: SettleRules, now: () => number) {
  const since = new Map<string, number>();
  return (decision: Decision, facts: Facts): boolean => {
    if (!handedOver(decision)) return false;
    const { instances, gateway } = decision;
    const waitedFor = (view: InstanceView) => {
      const paused = whyPaused(view.jobState ?? '') !== undefined;
      const key = `${view.instance} ${view.jobId} ${view.state === 'pending'} ${paused}`;
      // A paused job ran before: what counts is how long it has been waited for since.
      const ran = view.jobId === null || paused ? 0 : (facts.jobs.get(view.jobId)?.fact?.elapsed ?? 0);
      if (!since.has(key)) since.set(key, now() - ran * 1000);
      return (now() - (since.get(key) ?? now())) / 1000;
    };
    const over = (view: InstanceView) => {
      if (view.state === 'ready' || view.state === 'gone' || stuck(view)) return true;
      if (view.state === 'pending')
        return waitedFor(view) >= (rules.pendingTimeout ?? Number.POSITIVE_INFINITY);
      return waitedFor(view) >= rules.timeout && !unasked(view, facts);
    };
    const ready = instances.filter((view) => view.state === 'ready').length;
    const enough = rules.minReady !== null && ready >= rules.minReady;
    // Servers that are enough are not made to wait for jobs that may pend for days.
    if (gateway !== null && !over(gateway)) return false;
    return instances.every((view) => over(view) || (enough && view.state === 'pending'));
  };
}
