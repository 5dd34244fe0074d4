import { after } from '../../../node.js';
import { CpuAccount } from './cpu-account.js';
import type { CpuSample } from './sample.js';

/**
 * `contended`: the client timed out during an extension, while others had the CPUs. `late`: it timed out before the
 * program's own limit.
 */
export type TimeEnd = 'timeout' | 'contended' | 'late';

export interface TimeLimitOptions {
  limit: number;
  /** Milliseconds from now until the client's timeout. */
  latest: number;
  sample(): CpuSample | undefined;
  before?: CpuSample | undefined;
  onEnd(end: TimeEnd): void;
  now?(): number;
  after?(ms: number, act: () => void): () => void;
}

/** Longest interval between two samples. Milliseconds; random, so that a program cannot hide processes between them. */
const SAMPLE_MS = 250;
/** Most programs end before the first sample. */
const FIRST_SAMPLE_MS = 100;
/** A limit is not extended by less than this. Milliseconds. */
const MIN_EXTENSION_MS = 10;

/** Milliseconds until a thread that waits at its limit is sampled again: the kernel counts a wait only when it ends. */
const AGAIN_MS = 20;
const MAX_AGAIN_MS = 1000;

export interface CpuFacts {
  used: number;
  waited: number;
}

export class TimeLimit {
  private readonly options: TimeLimitOptions;
  private readonly now: () => number;
  private readonly after: (ms: number, act: () => void) => () => void;
  private readonly began: number;
  readonly account: CpuAccount;
  private disarm: () => void;
  private sampled = false;
  private extended = false;
  private again = 0;
  private usedBefore = 0;

  constructor(options: TimeLimitOptions) {
    this.options = options;
    this.now = options.now ?? (() => performance.now());
    this.after = options.after ?? after;
    this.began = this.now();
    this.account = new CpuAccount(this.began, options.before);
    this.disarm = this.after(Math.min(FIRST_SAMPLE_MS, options.limit, options.latest), () => this.check());
  }

  stop(): void {
    this.disarm();
  }

  facts(timedOut: boolean): CpuFacts | undefined {
    if (!this.sampled || !(timedOut || this.extended)) return undefined;
    const { used, waited } = this.account;
    return { used: used / 1000, waited: waited / 1000 };
  }

  private mayStillWait(passed: number): boolean {
    const { used, waited } = this.account;
    const unknown = passed - used - waited;
    if (this.again >= MAX_AGAIN_MS || unknown < MIN_EXTENSION_MS) return false;
    if (this.again > 0 && used > this.usedBefore) return false;
    this.usedBefore = used;
    this.again += AGAIN_MS;
    return true;
  }

  private check(): void {
    const { options, began } = this;
    const { limit, latest } = options;
    const sample = options.sample();
    const now = this.now();
    if (sample !== undefined) {
      this.sampled = true;
      this.account.add(sample, now);
    }
    const passed = now - began;
    // No extension for a program whose CPU time has reached its limit.
    const allowed = this.account.used >= limit ? limit : limit + this.account.waited;
    const isOver = passed >= limit && allowed - passed < MIN_EXTENSION_MS;
    if (isOver && sample?.ready === true && this.mayStillWait(passed))
      this.disarm = this.after(AGAIN_MS, () => this.check());
    else if (isOver) options.onEnd('timeout');
    else if (passed >= latest) options.onEnd(passed >= limit ? 'contended' : 'late');
    else {
      this.extended = passed >= limit;
      const next = passed < limit ? limit : allowed;
      const ms = Math.min(SAMPLE_MS * (0.6 + 0.4 * Math.random()), next - passed, latest - passed);
      this.disarm = this.after(ms, () => this.check());
    }
  }
}

export function clientTimeoutReason(
  end: Exclude<TimeEnd, 'timeout'>,
  seconds: number,
  time: TimeLimit,
): string {
  if (end === 'late')
    return `no answer in time: its caller waits less than the ${seconds} s that the program may run`;
  const { used, waited } = time.account;
  const facts = `it had ${(used / 1000).toFixed(2)} s of CPU time and waited ${(waited / 1000).toFixed(2)} s`;
  return `no answer in time: the program's limit of ${seconds} s was over, but ${facts} for CPUs that others used`;
}
