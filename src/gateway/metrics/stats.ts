import type { Cause } from '../types.js';

/** Upper bounds in seconds: a run takes 10 ms at least, and clients rarely allow more than a minute. */
export const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

export const TRY_ENDS = ['program', 'request', 'other', 'infra'] as const;
export type TryEnd = (typeof TRY_ENDS)[number];

/** A cheap histogram for the hot path; `PrecountedHistogram` exports it. */
export class Histogram {
  /** Per bucket, not cumulative; the last one is above all bounds. */
  readonly counts = new Array<number>(BUCKETS.length + 1).fill(0);
  sum = 0;

  add(seconds: number): void {
    let at = 0;
    while (at < BUCKETS.length && seconds > (BUCKETS[at] as number)) at += 1;
    this.counts[at] = (this.counts[at] ?? 0) + 1;
    this.sum += seconds;
  }
}

export class EndpointStats {
  readonly tries: Record<TryEnd, Histogram> = {
    program: new Histogram(),
    request: new Histogram(),
    other: new Histogram(),
    infra: new Histogram(),
  };
  readonly failures = new Map<Cause, number>();
  readonly canaries = { good: 0, bad: 0 };
  ejections = 0;

  countFailure(cause: Cause): void {
    this.failures.set(cause, (this.failures.get(cause) ?? 0) + 1);
  }
}
