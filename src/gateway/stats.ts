import type { Cause } from './types.js';

/** Upper bounds in seconds: a run is some ten milliseconds at least, and clients rarely allow more than a minute. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
/** What became of one try on an endpoint. */
export const TRY_ENDS = ['program', 'request', 'other', 'infra'] as const;
export type TryEnd = (typeof TRY_ENDS)[number];

/** Counts of Prometheus' kind, without its price: these are counted for every request. */
export class Histogram {
  /** How many fell into each bucket, not added up; the last is above all bounds. */
  readonly counts = new Array<number>(BUCKETS.length + 1).fill(0);
  sum = 0;

  add(seconds: number): void {
    let at = 0;
    while (at < BUCKETS.length && seconds > (BUCKETS[at] as number)) at += 1;
    this.counts[at] = (this.counts[at] ?? 0) + 1;
    this.sum += seconds;
  }

  get count(): number {
    return this.counts.reduce((sum, each) => sum + each, 0);
  }
}

/** A window is so long, and the one before it still counts. Milliseconds. */
const WINDOW_MS = 30_000;
/** Each step of a quantile is this factor above the one below. */
const STEP = 1.1;
/** From a tenth of a millisecond to three hours. */
const STEPS = 200;

/** The last half minute to minute of an endpoint, for rate and quantiles. */
class Recent {
  private counts = new Array<number>(STEPS).fill(0);
  private before = new Array<number>(STEPS).fill(0);
  private began = Number.NEGATIVE_INFINITY;
  private beganBefore = Number.NEGATIVE_INFINITY;

  add(now: number, ms: number): void {
    this.turn(now);
    const at = Math.min(STEPS - 1, Math.max(0, Math.round(Math.log(ms * 10) / Math.log(STEP))));
    this.counts[at] = (this.counts[at] ?? 0) + 1;
  }

  /** Runs a second, and quantiles in milliseconds; null where nothing ran lately. */
  read(now: number): { rate: number; p50: number | null; p99: number | null } {
    this.turn(now);
    const all = this.counts.map((count, at) => count + (this.before[at] ?? 0));
    const total = all.reduce((sum, each) => sum + each, 0);
    const from = Number.isFinite(this.beganBefore) ? this.beganBefore : this.began;
    const seconds = Math.max(1000, now - from) / 1000;
    const quantile = (part: number): number | null => {
      let left = part * total;
      for (let at = 0; at < STEPS && total > 0; at += 1) {
        left -= all[at] ?? 0;
        if (left <= 0) return STEP ** at / 10;
      }
      return null;
    };
    return { rate: total / seconds, p50: quantile(0.5), p99: quantile(0.99) };
  }

  private turn(now: number): void {
    const age = now - this.began;
    if (age < WINDOW_MS) return;
    const follows = age < 2 * WINDOW_MS;
    this.before = follows ? this.counts : new Array<number>(STEPS).fill(0);
    this.beganBefore = follows ? this.began : Number.NEGATIVE_INFINITY;
    this.counts = new Array<number>(STEPS).fill(0);
    this.began = now;
  }
}

/** What one endpoint did. */
export class MemberStats {
  readonly tries: Record<TryEnd, Histogram> = {
    program: new Histogram(),
    request: new Histogram(),
    other: new Histogram(),
    infra: new Histogram(),
  };
  readonly failures = new Map<Cause, number>();
  readonly recent = new Recent();
  canaries = { good: 0, bad: 0 };
  ejections = 0;

  tried(now: number, end: TryEnd, ms: number): void {
    this.tries[end].add(ms / 1000);
    this.recent.add(now, ms);
  }

  failed(cause: Cause): void {
    this.failures.set(cause, (this.failures.get(cause) ?? 0) + 1);
  }
}
