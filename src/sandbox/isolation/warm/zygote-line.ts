import type { Zygote } from './zygote.js';

/** Slots that one zygote forks, at least: they share a hash seed and the layout of memory. */
const FORKS_EACH = 400;
/** As many more, at random: nobody is to know when the next begins. */
const FORKS_MORE = 200;
/** Before the last of them, the next zygote is started. */
const AHEAD = 50;
/** Milliseconds until one that ended too early is replaced; doubled each time. */
const AGAIN_MS = 1000;
const LONGEST_MS = 60_000;

export interface ZygoteLineOptions {
  start(): Zygote;
  now(): number;
}

/** One zygote after the other: each serves a bounded number of runs, and one that died is replaced. */
export class ZygoteLine {
  /** Why the last one failed. */
  failure: Error | undefined;
  private readonly options: ZygoteLineOptions;
  private readonly all = new Set<Zygote>();
  private current: Zygote;
  private next: Zygote | undefined;
  /** How many slots each may fork. */
  private readonly most = new WeakMap<Zygote, number>();
  private hasStarted = false;
  private wait = AGAIN_MS;
  private startAfter = Number.NEGATIVE_INFINITY;

  constructor(options: ZygoteLineOptions) {
    this.options = options;
    this.current = this.start();
  }

  /** The zygote for the next run; undefined where there is none for now. */
  zygote(): Zygote | undefined {
    const { current, next } = this;
    const left = (this.most.get(current) ?? 0) - current.forks;
    if (!current.alive || (left <= 0 && next?.isReady)) {
      current.retire();
      this.next = undefined;
      if (next?.alive) this.current = next;
      else if (this.options.now() >= this.startAfter) this.current = this.start();
    } else if (left <= AHEAD && !next?.alive) this.next = this.start();
    // Runs do not wait for a start, but for the very first.
    const { alive, isReady } = this.current;
    this.hasStarted ||= isReady;
    return alive && (isReady || !this.hasStarted) ? this.current : undefined;
  }

  /** All must go, also those that still run something: what they have loaded has changed. */
  async close(): Promise<void> {
    for (const zygote of this.all) zygote.retire();
    await Promise.all([...this.all].map((zygote) => zygote.gone));
  }

  private start(): Zygote {
    const zygote = this.options.start();
    this.most.set(zygote, FORKS_EACH + Math.floor(Math.random() * FORKS_MORE));
    this.all.add(zygote);
    void zygote.gone.then((failure) => {
      this.all.delete(zygote);
      if (zygote.hasServed) this.wait = AGAIN_MS;
      if (zygote.isRetired) return;
      this.failure = failure;
      // One that cannot even start, or forks nothing, would be started for every run.
      if (!zygote.hasServed) {
        this.startAfter = this.options.now() + this.wait;
        this.wait = Math.min(LONGEST_MS, this.wait * 2);
      }
    });
    return zygote;
  }
}
