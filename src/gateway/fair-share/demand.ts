import { LEAST } from './slot-counts.js';

/**
 * What is told of a demand: powers of two from the least on, up at once, and down only when it has been lower for a while.
 * Each change costs all who share some slots for as long as it settles.
 */
export class Demand {
  private level = LEAST;
  private lowerSince: number | undefined;
  /** The most since it was lower. */
  private most = 0;
  private readonly holdMs: number;

  /** `holdMs`: how long it must have been lower. */
  constructor(holdMs: number) {
    this.holdMs = holdMs;
  }

  /** `demand`: the most since this was called last. */
  see(demand: number, now: number): number {
    const level = levelOf(demand);
    if (level >= this.level) {
      this.level = level;
      this.lowerSince = undefined;
      return level;
    }
    this.most = this.lowerSince === undefined ? level : Math.max(this.most, level);
    this.lowerSince ??= now;
    if (now - this.lowerSince >= this.holdMs) {
      this.level = this.most;
      this.lowerSince = undefined;
    }
    return this.level;
  }
}

function levelOf(demand: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(LEAST, demand)));
}
