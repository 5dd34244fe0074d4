/** Something that ends at a time, unless it is taken back before. */
export interface Deadline {
  /** By the clock of the `Deadlines`. */
  at: number;
  expire(): void;
}

/** How late a deadline may be seen. Milliseconds; patience has a margin of 250. */
const STEP_MS = 50;

/** Deadlines of all that is under way. A timer for each would be the dearest thing that a request does here. */
export class Deadlines {
  private readonly open = new Set<Deadline>();
  private readonly now: () => number;
  private timer: NodeJS.Timeout | undefined;

  constructor(now: () => number) {
    this.now = now;
  }

  add(deadline: Deadline): void {
    this.open.add(deadline);
    this.timer ??= setInterval(() => this.look(), STEP_MS);
  }

  delete(deadline: Deadline): void {
    this.open.delete(deadline);
  }

  private look(): void {
    const now = this.now();
    for (const deadline of this.open) {
      if (deadline.at > now) continue;
      this.open.delete(deadline);
      deadline.expire();
    }
    if (this.open.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
