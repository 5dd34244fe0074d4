/** A window is so long, and the one before it still counts. Milliseconds. */
const WINDOW_MS = 30_000;
/** Each step of a quantile is this factor above the one below. */
const STEP = 1.1;
/** From a tenth of a millisecond to five hours. */
const STEPS = 200;

/** How long tries took lately: how many fell into each step, over so many seconds. */
export interface RecentCounts {
  counts: number[];
  seconds: number;
}

const none = () => new Array<number>(STEPS).fill(0);

/** The last half minute to minute of an endpoint. */
export class Recent {
  private counts = none();
  private before = none();
  private began = Number.NEGATIVE_INFINITY;
  private beganBefore = Number.NEGATIVE_INFINITY;

  add(now: number, ms: number): void {
    this.turn(now);
    const at = Math.min(STEPS - 1, Math.max(0, Math.round(Math.log(ms * 10) / Math.log(STEP))));
    this.counts[at] = (this.counts[at] ?? 0) + 1;
  }

  read(now: number): RecentCounts {
    this.turn(now);
    const from = Number.isFinite(this.beganBefore) ? this.beganBefore : this.began;
    return {
      counts: this.counts.map((count, at) => count + (this.before[at] ?? 0)),
      seconds: Math.max(1000, now - from) / 1000,
    };
  }

  private turn(now: number): void {
    const age = now - this.began;
    if (age < WINDOW_MS) return;
    const follows = age < 2 * WINDOW_MS;
    this.before = follows ? this.counts : none();
    this.beganBefore = follows ? this.began : Number.NEGATIVE_INFINITY;
    this.counts = none();
    this.began = now;
  }
}

/** Milliseconds under which the given part of all tries stayed; null where there were none. */
export function quantile(counts: readonly number[], part: number): number | null {
  let left = part * counts.reduce((sum, each) => sum + each, 0);
  if (left === 0) return null;
  for (let at = 0; at < counts.length; at += 1) {
    left -= counts[at] ?? 0;
    if (left <= 0) return STEP ** at / 10;
  }
  return null;
}
