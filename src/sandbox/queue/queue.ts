import { after } from '../../node.js';

/** Why a run was not even begun. */
export class Refused extends Error {}

/** One that waits: begins it, in one of the two lanes. */
type Waiting = (lane: Lane) => void;

/** Health checks have a lane of their own, for one at a time: they must not wait for what they are to judge. */
export type Lane = 'run' | 'check';

/**
 * Lets so many runs go at once; others wait in the order in which they came, each no longer than its
 * caller has patience, and no more than so many. A health check takes any slot, or the one that is kept for checks.
 */
export class Queue {
  private running = 0;
  private checking = false;
  private readonly waiting = new Set<Waiting>();
  private readonly waitingChecks = new Set<Waiting>();
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

  /**
   * Resolves when a slot is this caller's, with the lane to leave by. Throws Refused after `patience` seconds, or at
   * once where too many wait.
   */
  async enter(patience: number, signal: AbortSignal, isCheck = false): Promise<Lane> {
    signal.throwIfAborted();
    if (this.running < this.slots) {
      this.running += 1;
      return 'run';
    }
    if (isCheck && !this.checking) {
      this.checking = true;
      return 'check';
    }
    const waiting = isCheck ? this.waitingChecks : this.waiting;
    if (waiting.size >= this.longest) throw new Refused(`${this.longest} runs wait already`);
    return new Promise<Lane>((resolve, reject) => {
      const leave = (reason: unknown) => {
        waiting.delete(begin);
        stay();
        signal.removeEventListener('abort', cancel);
        reject(reason);
      };
      const cancel = () => leave(signal.reason);
      const stay = after(patience * 1000, () =>
        leave(new Refused(`waited ${patience} s for a free slot, as long as its caller may`)),
      );
      const begin = (lane: Lane) => {
        stay();
        signal.removeEventListener('abort', cancel);
        resolve(lane);
      };
      signal.addEventListener('abort', cancel);
      waiting.add(begin);
    });
  }

  /** Gives a slot back: to the check or else the run that has waited longest. */
  leave(lane: Lane): void {
    const [check] = this.waitingChecks;
    const [run] = lane === 'run' ? this.waiting : [];
    const next = check ?? run;
    if (next !== undefined) {
      this.waitingChecks.delete(next);
      this.waiting.delete(next);
      next(lane);
    } else if (lane === 'run') this.running -= 1;
    else this.checking = false;
  }
}
