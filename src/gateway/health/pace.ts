/** A health check that takes so many times longer than the shortest one shows a server that is short of CPU time. */
const SLOW_FACTOR = 4;
/** Milliseconds; a shorter check never shows that. */
const SLOW_MS = 500;

export class Pace {
  private shortest = Number.POSITIVE_INFINITY;
  private latest = 0;

  add(ms: number): void {
    this.latest = ms;
    this.shortest = Math.min(this.shortest, ms);
  }

  get isSlow(): boolean {
    return this.latest > Math.max(SLOW_MS, this.shortest * SLOW_FACTOR);
  }
}
