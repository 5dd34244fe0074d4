import { expect } from 'vitest';
import { randomOf } from '../../../support/random.js';
import type { ServedCli } from '../server.js';
import { KINDS, type Kind, pick, summary } from './mix.js';

/** Of 50 programs of one kind, a zygote and its successor are both there. */
const MORE_EACH = 10;
const INTERVAL_MS = 1000;
/** So many looks that find what the one before found: nothing changes any more. */
const SAME = 2;

/** Sends runs of all kinds to a server. */
export class Soak {
  /** What was not as it should be. */
  readonly wrong: string[] = [];
  private readonly served: ServedCli;
  private readonly concurrency: number;
  private readonly seed: number;
  private random: (below: number) => number;
  private last = 0;

  constructor(served: ServedCli, concurrency: number, seed: number) {
    this.served = served;
    this.concurrency = concurrency;
    this.seed = seed;
    this.random = randomOf(seed);
  }

  /** As many of each kind as there may be at once, so that every launcher has what it starts only when that is wanted. */
  async runEach(): Promise<void> {
    for (const kind of KINDS.filter(({ right }) => right !== undefined))
      await Promise.all(Array.from({ length: this.concurrency }, () => this.one(kind, ++this.last)));
  }

  /** The next runs are of the same kinds as the first ones. */
  again(): void {
    this.random = randomOf(this.seed);
  }

  async run(runs: number): Promise<void> {
    const end = this.last + runs;
    const worker = async () => {
      while (this.last < end) await this.one(pick(KINDS, this.random), ++this.last);
    };
    await Promise.all(Array.from({ length: this.concurrency }, worker));
  }

  /** What `look` sees when it has seen the same several times. */
  async settled<T>(look: () => T): Promise<T> {
    let last = '';
    let same = 0;
    const compare = () => {
      const before = last;
      // Processes that end meanwhile make it throw.
      last = '';
      last = JSON.stringify(look());
      same = last === before ? same + 1 : 0;
      return same;
    };
    await expect.poll(compare, { interval: INTERVAL_MS }).toBe(SAME);
    return JSON.parse(last) as T;
  }

  /** Until `look` sees that, with some more runs before each look: zygotes that have served enough end by themselves. */
  async until<T>(look: () => T, expected: T): Promise<void> {
    const after = async () => {
      await this.run(MORE_EACH * this.concurrency);
      return look();
    };
    await expect.poll(after, { interval: INTERVAL_MS }).toEqual(expected);
  }

  private async one(kind: Kind, n: number): Promise<void> {
    const gone = new AbortController();
    const timer = kind.hangsUp && setTimeout(() => gone.abort(), this.random(400));
    const request = { compile_timeout: 600, run_timeout: 60, ...kind.request(n) };
    try {
      const answer = await this.served.run(request, gone.signal);
      if (answer.status === 'SandboxError') throw new Error(summary(answer));
      if (kind.right !== undefined) expect(answer, summary(answer)).toMatchObject(kind.right(n));
    } catch (error) {
      if (!gone.signal.aborted) this.wrong.push(`${kind.name}, ${n}: ${(error as Error).message}`);
    } finally {
      clearTimeout(timer);
    }
  }
}
