import type { Latency } from '../statistics.js';

/** What a server did with so many programs at once. */
export interface Step {
  concurrency: number;
  runs: number;
  runs_per_second: number;
  latency_ms: Latency;
  /** Runs that the sandbox failed. */
  sandbox_failures: number;
}

/** A rate that is less than so much above the best one is no gain. */
const GAIN = 1.1;
/** So many steps without a gain end the search: one may be chance. */
const PATIENCE = 2;
const MOST = 1024;

/** The next concurrency to try, twice the last one; undefined if more would not help. */
export function nextConcurrency(steps: readonly Step[]): number | undefined {
  const last = steps.at(-1);
  if (last === undefined) return 1;
  const isUseless = steps.length > PATIENCE && !gainsIn(steps);
  if (last.sandbox_failures > 0 || isUseless || last.concurrency * 2 > MOST) return undefined;
  return last.concurrency * 2;
}

function gainsIn(steps: readonly Step[]): boolean {
  const before = Math.max(...steps.slice(0, -PATIENCE).map((step) => step.runs_per_second));
  return steps.slice(-PATIENCE).some((step) => step.runs_per_second > before * GAIN);
}

/** The fewest at once with nearly the best rate, and no failure: more would only wait. */
export function bestStep(steps: readonly Step[]): Step | undefined {
  const good = steps.filter(({ sandbox_failures: failures, runs }) => failures === 0 && runs > 0);
  const best = Math.max(...good.map((step) => step.runs_per_second));
  return good.find((step) => step.runs_per_second * GAIN >= best);
}
