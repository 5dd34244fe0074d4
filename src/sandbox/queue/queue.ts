import { after } from '../../node.js';

export class Refused extends Error {}

export interface Wait {
  /** When its caller must have its answer, by the queue's clock. Milliseconds. */
  until: number;
  expected(): number;
}

export interface Clock {
  now(): number;
  after(ms: number, act: () => void): () => void;
}

interface Waiting extends Wait {
  since: number;
  begin(lane: Lane): void;
  leave(reason: unknown): void;
}

/** Health checks have a lane of their own, for one at a time: they must not wait for what they are to judge. */
export type Lane = 'run' | 'check';

const REAL_CLOCK: Clock = { now: () => performance.now(), after };

/** In order, each as long as its program can end in time. A health check takes any slot, or the reserved one. */
export class Queue {
  private running = 0;
  private checking = false;
  private readonly waiting = new Set<Waiting>();
  private readonly waitingChecks = new Set<Waiting>();
  readonly slots: number;
  private readonly longest: number;
  private readonly clock: Clock;

  constructor(slots: number, longest: number, clock: Clock = REAL_CLOCK) {
    this.slots = slots;
    this.longest = longest;
    this.clock = clock;
  }

  get depth(): number {
    return this.waiting.size;
  }

  get busy(): number {
    return this.running;
  }

  /** Rejects with Refused once the program can no longer end in time, or if too many wait. */
  async enter(wait: Wait, signal: AbortSignal, isCheck = false): Promise<Lane> {
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
      const cancel = () => one.leave(signal.reason);
      let disarm = (): void => undefined;
      const out = () => {
        waiting.delete(one);
        disarm();
        signal.removeEventListener('abort', cancel);
      };
      const one: Waiting = {
        ...wait,
        since: this.clock.now(),
        begin: (lane) => {
          out();
          resolve(lane);
        },
        leave: (reason) => {
          out();
          reject(reason);
        },
      };
      const arm = () => {
        const left = this.timeLeft(one);
        if (left < 0) one.leave(this.tooLate(one));
        else disarm = this.clock.after(Math.ceil(left) + 1, arm);
      };
      signal.addEventListener('abort', cancel);
      waiting.add(one);
      arm();
    });
  }

  leave(lane: Lane): void {
    for (const next of [...this.waitingChecks, ...(lane === 'run' ? this.waiting : [])]) {
      if (this.timeLeft(next) >= 0) {
        next.begin(lane);
        return;
      }
      next.leave(this.tooLate(next));
    }
    if (lane === 'run') this.running -= 1;
    else this.checking = false;
  }

  private timeLeft({ until, expected }: Waiting): number {
    return until - expected() - this.clock.now();
  }

  private tooLate({ since }: Waiting): Refused {
    const waited = ((this.clock.now() - since) / 1000).toFixed(2);
    return new Refused(`waited ${waited} s for a free slot, as long as its caller may`);
  }
}
