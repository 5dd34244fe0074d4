import type { Clock } from './clock.js';

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
  private readonly clock: Clock;
  private isChecking = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  add(deadline: Deadline): void {
    this.pending.add(deadline);
    if (!this.isChecking) this.checkLater();
  }

  delete(deadline: Deadline): void {
    this.pending.delete(deadline);
  }

  private checkLater(): void {
    this.isChecking = true;
    this.clock.after(CHECK_EVERY_MS, () => this.expireDue());
  }

  private expireDue(): void {
    this.isChecking = false;
    const now = this.clock.now();
    for (const deadline of this.pending) {
      if (deadline.at > now) continue;
      this.pending.delete(deadline);
      deadline.expire();
    }
    if (this.pending.size > 0 && !this.isChecking) this.checkLater();
  }
}
