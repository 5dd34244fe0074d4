import { type Decision, slotViews } from '../fleet/decide.js';
import type { Slot } from '../fleet/slot.js';
import type { FleetWatch } from './fleet-watch.js';

/** The pause before a slot's job is replaced again, doubled with each job of it that ended. Milliseconds. */
const FIRST_MS = 5_000;
const LONGEST_MS = 600_000;

/** Lets the loop submit another job for a slot whose job has ended, after growing pauses. */
export function refills(now: () => number) {
  const ended = new Map<Slot, { jobs: Set<string>; at: number }>();
  return {
    refill(decision: Decision, watch: Pick<FleetWatch, 'attempted'>): void {
      for (const { instance, jobId, state } of slotViews(decision)) {
        if (state !== 'gone' || jobId === null || !watch.attempted.has(instance)) continue;
        const known = ended.get(instance) ?? { jobs: new Set(), at: 0 };
        if (!known.jobs.has(jobId)) {
          known.jobs.add(jobId);
          known.at = now() + Math.min(FIRST_MS * 2 ** (known.jobs.size - 1), LONGEST_MS);
          ended.set(instance, known);
        }
        if (now() >= known.at) watch.attempted.delete(instance);
      }
    },
  };
}
