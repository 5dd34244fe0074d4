import { MIN_DEMAND } from './slot-counts.js';

/**
 * The demand that is published: rounded up to a power of two, raised at once, lowered only after a while. Each
 * change costs everyone some slots until it has settled, so there should be few.
 */
export class SteppedDemand {
  private level = MIN_DEMAND;
  private lowerSince: number | undefined;
  /** The maximum since it fell. */
  private peak = 0;
  private readonly holdMs: number;

  /** `holdMs`: how long it must have been lower before the lower value is published. */
  constructor(holdMs: number) {
    this.holdMs = holdMs;
  }

  /** `demand`: the maximum since the last call. Returns what to publish. */
  update(demand: number, now: number): number {
    const level = levelOf(demand);
    if (level >= this.level) {
      this.level = level;
      this.lowerSince = undefined;
      return level;
    }
    this.peak = this.lowerSince === undefined ? level : Math.max(this.peak, level);
    this.lowerSince ??= now;
    if (now - this.lowerSince >= this.holdMs) {
      this.level = this.peak;
      this.lowerSince = undefined;
    }
    return this.level;
  }
}

function levelOf(demand: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(MIN_DEMAND, demand)));
}
