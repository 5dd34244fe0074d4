import { read } from '../process/tree.js';
import type { Excess } from '../types.js';
import type { RunGroup } from './cgroup/run-group.js';
import type { RunGroups } from './cgroup/run-groups.js';
import { LIMITS } from './limits.js';

export interface Usage {
  bytes: number;
  files: number;
}

export interface Watched {
  usage(): Usage | undefined;
  tree(): readonly number[];
  /** Its memory limit in bytes. */
  memory: number;
  groups: RunGroups | undefined;
  /** The cgroup that it was born in, and what takes that back. Without, it gets one of `groups`, later. */
  born?: { group: RunGroup; giveBack(): void } | undefined;
  exceeded(excess: Excess): void;
  /** Ends it because the machine is short of memory and it holds the most. `words`: the reason. */
  starved(words: string): void;
}

/** Bytes per second that a program can hardly exceed (one memory channel). It determines the next measurement. */
const FASTEST = 4 * 2 ** 30;
const SOONEST_MS = 20;
const LATEST_MS = 250;
/** A run gets its cgroup later: the kernel may take 20 ms to move a process, and most programs end before. */
const FREE_PART = 0.25;
const FREE_MS = 100;

/** Milliseconds for which runs that begin share a look at what the kernel has killed so far. */
const SHARED_MS = 100;

/** How the kernel ended a run, if it did. */
export interface KernelEnd {
  excess?: Excess;
  /** Set if it was not the run's own limit. */
  starved?: string;
}

const watches = new Set<Watch>();

export function largestHeld(): number {
  return Math.max(0, ...[...watches].map((each) => each.held()));
}

export function endLargest(): void {
  const [largest] = [...watches].toSorted((one, other) => other.held() - one.held());
  largest?.starve();
}

export class Watch {
  private readonly watched: Watched;
  private readonly began = performance.now();
  private timer: NodeJS.Timeout | undefined;
  private grouping: NodeJS.Timeout | undefined;
  private group: RunGroup | undefined;
  private readonly killsBefore: number | undefined;

  constructor(watched: Watched) {
    this.watched = watched;
    this.group = watched.born?.group;
    // At once: if memory is short, the kernel may act before the first measurement.
    if (watched.groups === undefined) this.killsBefore = recentKills();
  }

  /** Starts to measure, at the times since the constructor that the limit asks for. */
  start(): void {
    const { watched } = this;
    const passed = performance.now() - this.began;
    const free = Math.min(FREE_MS, Math.max(SOONEST_MS, msToWrite(watched.memory * FREE_PART)));
    if (watched.groups !== undefined && this.group === undefined)
      this.grouping = setTimeout(() => this.join(), free - passed);
    watches.add(this);
    this.wait(0, passed);
  }

  held(): number {
    const { born, usage } = this.watched;
    // What it shares with a zygote is not its own.
    return Math.max((born === undefined && usage()?.bytes) || 0, this.group?.held() ?? 0);
  }

  /** Ends the run because the machine is short of memory, or for its own limit if it has exceeded that by now. */
  starve(): void {
    const { memory, exceeded, starved } = this.watched;
    const held = this.held();
    if (held > memory) exceeded('memory');
    else starved(shortOfMemory(held));
    watches.delete(this);
  }

  /** Call when the run is over. Returns how the kernel ended it, if it did. */
  end(): KernelEnd {
    watches.delete(this);
    clearTimeout(this.timer);
    clearTimeout(this.grouping);
    const { group } = this;
    if (group === undefined) return {};
    this.group = undefined;
    const ended = group.ended();
    const { born, groups } = this.watched;
    if (born === undefined) groups?.end(group);
    else born.giveBack();
    if (ended === undefined) return {};
    return ended === 'own limit' ? { excess: 'memory' } : { starved: shortOfMemory() };
  }

  /** Without a cgroup: whether the kernel has killed a process for memory meanwhile. */
  starvedMeanwhile(): string | undefined {
    return this.killsBefore !== undefined && outOfMemoryKills() > this.killsBefore
      ? shortOfMemory()
      : undefined;
  }

  private wait(bytes: number, passed = 0): void {
    const ms = Math.min(LATEST_MS, Math.max(SOONEST_MS, msToWrite(this.watched.memory - bytes)));
    this.timer = setTimeout(() => this.check(), ms - passed);
  }

  private check(): void {
    const { usage, memory, exceeded, born } = this.watched;
    const { bytes, files } = usage() ?? { bytes: 0, files: 0 };
    if ((born === undefined && bytes > memory) || this.group?.ended() === 'own limit') exceeded('memory');
    else if (files > LIMITS.files) exceeded('files');
    else this.wait(bytes);
  }

  /** Memory from before stays in our own cgroup; the measured sum includes it. */
  private join(): void {
    const { groups, memory, tree } = this.watched;
    try {
      this.group = groups?.make(memory);
      // It may end meanwhile, and its cgroup with it.
      this.group?.take(tree).catch(() => undefined);
    } catch {
      // For example, no more cgroups can be created: measuring is enough then.
    }
  }
}

function shortOfMemory(held?: number): string {
  const much = held === undefined ? '' : ` that held ${Math.round(held / 2 ** 20)} MB`;
  return `this machine is short of memory: a run${much} was ended before it passed its own limit`;
}

let recent = { kills: 0, at: Number.NEGATIVE_INFINITY };

/** As of a moment ago: the kernel adds up counters of all CPUs for each look. */
function recentKills(): number {
  const now = performance.now();
  if (now - recent.at > SHARED_MS) recent = { kills: outOfMemoryKills(), at: now };
  return recent.kills;
}

function outOfMemoryKills(): number {
  return Number(/^oom_kill (\d+)$/m.exec(read('/proc/vmstat'))?.[1] ?? 0);
}

function msToWrite(bytes: number): number {
  return (bytes / FASTEST) * 1000;
}
