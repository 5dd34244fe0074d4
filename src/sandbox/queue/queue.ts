import { after } from '../../node.js';

/** Why a run was not even begun. */
export class Refused extends Error {}

/** One that waits: begins it. */
type Waiting = () => void;

/**
 * Lets so many runs go at once; others wait in the order in which they came, each no longer than its
 * caller has patience, and no more than so many.
 */
export class Queue {
  private running = 0;
  private readonly waiting = new Set<Waiting>();
  readonly slots: number;
  private readonly longest: number;

  constructor(slots: number, longest: number) {
    this.slots = slots;
    this.longest = longest;
  }

  get depth(): number {
    return this.waiting.size;
  }

  get busy(): number {
    return this.running;
  }

  /** Resolves when a slot is this caller's. Throws Refused after `patience` seconds, or at once where too many wait. */
  async enter(patience: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.running < this.slots) {
      this.running += 1;
      return;
    }
    if (this.waiting.size >= this.longest) throw new Refused(`${this.longest} runs wait already`);
    await new Promise<void>((resolve, reject) => {
      const leave = (reason: unknown) => {
        this.waiting.delete(begin);
        stay();
        signal.removeEventListener('abort', cancel);
        reject(reason);
      };
      const cancel = () => leave(signal.reason);
      const stay = after(patience * 1000, () =>
        leave(new Refused(`waited ${patience} s for a free slot, as long as its caller may`)),
      );
      const begin = () => {
        stay();
        signal.removeEventListener('abort', cancel);
        resolve();
      };
      signal.addEventListener('abort', cancel);
      this.waiting.add(begin);
    });
  }

  /** Gives a slot back: to the one that has waited longest. */
  leave(): void {
    const [next] = this.waiting;
    if (next === undefined) {
      this.running -= 1;
      return;
    }
    this.waiting.delete(next);
    next();
  }
}
