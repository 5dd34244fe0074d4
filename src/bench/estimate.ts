import type { Segment } from './results.js';

/** Runs that a method still has to do. */
export interface Left {
  method: string;
  runs: number;
}

/**
 * Seconds until the end, by what each method has needed for a run; null until every method with runs left has done
 * some.
 */
export function estimate(left: readonly Left[], segments: readonly Segment[]): number | null {
  let total = 0;
  for (const { method, runs } of left) {
    if (runs === 0) continue;
    const own = segments.filter((each) => each.method === method && each.results.length > 0);
    const done = own.reduce((sum, { results }) => sum + results.length, 0);
    if (done === 0) return null;
    total += (own.reduce((sum, { wallMs }) => sum + wallMs, 0) / done) * runs;
  }
  return total / 1000;
}
