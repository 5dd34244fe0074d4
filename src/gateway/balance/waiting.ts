/** Who waits for a slot. */
export interface Waiter {
  /** Whose request it is: each caller gets its turn, however many requests another has. */
  caller: string;
  /** Whether it was under way once already: it goes before those of its caller that came after it. */
  again: boolean;
}

class Line<T extends Waiter> {
  readonly again = new Set<T>();
  readonly fresh = new Set<T>();

  of(waiter: T): Set<T> {
    return waiter.again ? this.again : this.fresh;
  }

  get length(): number {
    return this.again.size + this.fresh.size;
  }
}

/** Waiters of many callers: the callers take turns, those of one caller go in the order in which they came. */
export class Waiting<T extends Waiter> {
  private readonly lines = new Map<string, Line<T>>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  add(waiter: T): void {
    const line = this.lines.get(waiter.caller) ?? new Line<T>();
    this.lines.set(waiter.caller, line);
    line.of(waiter).add(waiter);
    this.count += 1;
  }

  /** Whether it was there. */
  remove(waiter: T): boolean {
    const line = this.lines.get(waiter.caller);
    if (line?.of(waiter).delete(waiter) !== true) return false;
    this.count -= 1;
    if (line.length === 0) this.lines.delete(waiter.caller);
    return true;
  }

  /** Takes out the first, in order, that `goes`; its caller's next turn is after all others'. */
  take(goes: (waiter: T) => boolean): T | undefined {
    for (const [caller, line] of this.lines) {
      for (const waiters of [line.again, line.fresh]) {
        for (const waiter of waiters) {
          if (!goes(waiter)) continue;
          this.remove(waiter);
          if (this.lines.delete(caller)) this.lines.set(caller, line);
          return waiter;
        }
      }
    }
    return undefined;
  }
}
