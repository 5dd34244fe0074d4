/** Milliseconds between two checks of a server, which cost 20 ms of CPU each: at most a tenth of one CPU. */
export const MIN_GAP_MS = 200;

/** When one server is checked; at most one check is in flight. Pure: the caller passes the time, in milliseconds. */
export class CanarySchedule<V extends { notBefore: number }> {
  inFlight = false;
  private pacedAt = Number.POSITIVE_INFINITY;
  private lastStart = Number.NEGATIVE_INFINITY;
  private waiting: V[] = [];
  private earliest = Number.POSITIVE_INFINITY;

  /** When the next check may begin; Infinity: nothing is due, or one is in flight. */
  get dueAt(): number {
    if (this.inFlight) return Number.POSITIVE_INFINITY;
    return Math.max(Math.min(this.pacedAt, this.earliest), this.lastStart + MIN_GAP_MS);
  }

  get isEmpty(): boolean {
    return !this.inFlight && this.waiting.length === 0 && this.pacedAt === Number.POSITIVE_INFINITY;
  }

  pace(at: number): void {
    this.pacedAt = at;
  }

  /** Only a check that begins at `notBefore` or later counts for it. */
  add(verification: V): void {
    this.waiting.push(verification);
    this.earliest = Math.min(this.earliest, verification.notBefore);
  }

  begin(now: number): V[] {
    this.inFlight = true;
    this.lastStart = now;
    this.pacedAt = Number.POSITIVE_INFINITY;
    const due = this.waiting.filter(({ notBefore }) => notBefore <= now);
    if (due.length > 0) this.waiting = this.waiting.filter(({ notBefore }) => notBefore > now);
    this.earliest = this.waiting.reduce(
      (first, { notBefore }) => Math.min(first, notBefore),
      Number.POSITIVE_INFINITY,
    );
    return due;
  }

  end(): void {
    this.inFlight = false;
  }
}
