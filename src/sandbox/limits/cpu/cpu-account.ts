import type { CpuSample } from './sample.js';

const NOTHING: CpuSample = { processes: new Map(), threads: new Map(), newest: 0, ready: false };
/** A run that starts more threads than this which no sample sees gets no extension. */
const MAX_UNSEEN = 4;

interface Interval {
  used: number;
  ran: ReadonlyMap<string, number>;
}

/**
 * CPU time used, and time in which the run was ready but others had the CPUs. Its own threads must not count as
 * others: an interval counts only with the wait of one thread, less the time in which another of the run may have
 * run.
 */
export class CpuAccount {
  /** Milliseconds, at least. */
  used = 0;
  private certain = 0;
  private unseen = 0;
  private samples = 0;
  private last: CpuSample;
  private readonly began: number;
  private newest: number;
  private before: Interval = { used: 0, ran: new Map() };

  constructor(now: number, before: CpuSample = NOTHING) {
    this.last = before;
    this.began = now;
    this.newest = before.newest ?? 0;
  }

  /** Milliseconds, at least. */
  get waited(): number {
    return this.unseen > MAX_UNSEEN ? 0 : this.certain;
  }

  add(sample: CpuSample, now: number): void {
    const { last } = this;
    this.last = sample;
    const used = Math.max(0, totalOf(sample) - totalOf(last));
    this.used += used;
    const unseen = this.countUnseen(last, sample);
    this.samples += 1;
    if (this.samples > 1) this.unseen += unseen;
    // What a process used that ended unseen is not known: it may be what the others waited for.
    const ended = [...last.processes.keys()].some((pid) => !sample.processes.has(pid));
    const interval = { used, ran: ranIn(last, sample) };
    if (unseen === 0 && !ended) {
      const certain = this.certain + this.waitIn(last, sample, interval);
      this.certain = Math.max(this.certain, Math.min(certain, now - this.began - this.used));
    }
    this.before = interval;
  }

  /**
   * While none of the run can have had a CPU. The kernel counts a wait when it ends: it may belong to the interval
   * before.
   */
  private waitIn(last: CpuSample, { threads }: CpuSample, interval: Interval): number {
    let longest = 0;
    for (const [id, { waited }] of threads) {
      const others = Math.max(othersThan(id, interval), othersThan(id, this.before));
      longest = Math.max(longest, waited - (last.threads.get(id)?.waited ?? 0) - others);
    }
    return longest;
  }

  /** Threads that began and ended since the last sample: the kernel numbers them in turn. */
  private countUnseen({ threads: known }: CpuSample, { threads, newest }: CpuSample): number {
    if (newest === null) return 0;
    let seen = 0;
    for (const id of threads.keys()) if (!known.has(id)) seen += 1;
    const begun = Math.max(0, newest - this.newest);
    this.newest = Math.max(this.newest, newest);
    // New ones below the highest number: the numbers started again.
    return Math.abs(begun - seen);
  }
}

function othersThan(id: string, { used, ran }: Interval): number {
  return Math.max(0, used - (ran.get(id) ?? 0));
}

function ranIn(last: CpuSample, { threads }: CpuSample): Map<string, number> {
  const ran = new Map<string, number>();
  for (const [id, { used }] of threads) ran.set(id, used - (last.threads.get(id)?.used ?? 0));
  return ran;
}

function totalOf({ processes }: CpuSample): number {
  let total = 0;
  for (const { used, reaped } of processes.values()) total += used + reaped;
  return total;
}
