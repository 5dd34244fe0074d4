/** The current window and the one before it are counted. */
const WINDOW_MS = 30_000;
const BUCKET_FACTOR = 1.1;
const BUCKET_COUNT = 200;

export interface LatencyCounts {
  counts: number[];
  seconds: number;
}

const emptyCounts = () => new Array<number>(BUCKET_COUNT).fill(0);

export class LatencyWindow {
  private counts = emptyCounts();
  private previous = emptyCounts();
  private start = Number.NEGATIVE_INFINITY;
  private previousStart = Number.NEGATIVE_INFINITY;

  add(now: number, ms: number): void {
    this.rotate(now);
    const at = Math.min(
      BUCKET_COUNT - 1,
      Math.max(0, Math.round(Math.log(ms * 10) / Math.log(BUCKET_FACTOR))),
    );
    this.counts[at] = (this.counts[at] ?? 0) + 1;
  }

  read(now: number): LatencyCounts {
    this.rotate(now);
    const from = Number.isFinite(this.previousStart) ? this.previousStart : this.start;
    return {
      counts: this.counts.map((count, at) => count + (this.previous[at] ?? 0)),
      seconds: Math.max(1000, now - from) / 1000,
    };
  }

  private rotate(now: number): void {
    const age = now - this.start;
    if (age < WINDOW_MS) return;
    const follows = age < 2 * WINDOW_MS;
    this.previous = follows ? this.counts : emptyCounts();
    this.previousStart = follows ? this.start : Number.NEGATIVE_INFINITY;
    this.counts = emptyCounts();
    this.start = now;
  }
}

export function quantile(counts: readonly number[], fraction: number): number | null {
  let remaining = fraction * counts.reduce((sum, each) => sum + each, 0);
  if (remaining === 0) return null;
  for (let at = 0; at < counts.length; at += 1) {
    remaining -= counts[at] ?? 0;
    if (remaining <= 0) return BUCKET_FACTOR ** at / 10;
  }
  return null;
}
