export interface Deadline {
  /** Milliseconds, by the clock of the `Deadlines`. */
  at: number;
  expire(): void;
}

/** How late a deadline may expire. Clients' timeouts have a margin of 250 ms. */
const CHECK_EVERY_MS = 50;

/** All pending deadlines on one timer: a timer for each would be the most expensive part of a request. */
export class Deadlines {
  private readonly pending = new Set<Deadline>();
  private readonly now: () => number;
  private timer: NodeJS.Timeout | undefined;

  constructor(now: () => number) {
    this.now = now;
  }

  add(deadline: Deadline): void {
    this.pending.add(deadline);
    this.timer ??= setInterval(() => this.expireDue(), CHECK_EVERY_MS);
  }

  delete(deadline: Deadline): void {
    this.pending.delete(deadline);
  }

  private expireDue(): void {
    const now = this.now();
    for (const deadline of this.pending) {
      if (deadline.at > now) continue;
      this.pending.delete(deadline);
      deadline.expire();
    }
    if (this.pending.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
