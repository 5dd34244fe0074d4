import type { GatewayCounts } from './counts.js';
import { BUCKETS } from './stats.js';

/** Milliseconds. */
export const INTERVAL_MS = 10_000;
const MAX_POINTS = 90;

export interface HistoryPoint {
  /** ISO time at which the interval ended. */
  time: string;
  rate: number;
  waiting: number;
  p99_ms: number | null;
  /** Requests that the sandbox failed, or that were refused. */
  failed: number;
}

type Totals = Pick<GatewayCounts, 'ends' | 'took'>;

/** The last fifteen minutes, from the differences of what a gateway counts anyway. */
export class History {
  readonly points: HistoryPoint[] = [];
  private before: { totals: Totals; at: number } | undefined;
  private waiting = 0;

  /** To be called more often than `add`: a queue may last for a moment only. */
  sawWaiting(count: number): void {
    this.waiting = Math.max(this.waiting, count);
  }

  /** Ends an interval. `at`: milliseconds since the epoch. */
  add({ ends, took }: Totals, at: number): void {
    const totals = { ends: { ...ends }, took: { counts: [...took.counts], sum: took.sum } };
    const { before } = this;
    this.before = { totals, at };
    const { waiting } = this;
    this.waiting = 0;
    if (before === undefined || at <= before.at) return;
    const seconds = (at - before.at) / 1000;
    // A process that was replaced takes its counts along.
    const more = (end: keyof Totals['ends']) => Math.max(0, ends[end] - before.totals.ends[end]);
    const counts = took.counts.map((count, bucket) =>
      Math.max(0, count - (before.totals.took.counts[bucket] ?? 0)),
    );
    this.points.push({
      time: new Date(at).toISOString(),
      rate: more('answer') / seconds,
      waiting,
      p99_ms: quantileOf(counts, 0.99),
      failed: more('infra') + more('refused'),
    });
    if (this.points.length > MAX_POINTS) this.points.shift();
  }
}

/** Milliseconds, interpolated within a bucket; null for no requests. */
function quantileOf(counts: readonly number[], fraction: number): number | null {
  let remaining = fraction * counts.reduce((sum, each) => sum + each, 0);
  if (remaining === 0) return null;
  for (const [bucket, count] of counts.entries()) {
    const [from = 0, to = from] = [BUCKETS[bucket - 1], BUCKETS[bucket]];
    if (remaining <= count) return 1000 * (from + ((to - from) * remaining) / count);
    remaining -= count;
  }
  return null;
}
