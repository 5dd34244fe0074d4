import type { Excess } from '../types.js';
import type { RunGroup } from './cgroup/run-group.js';
import type { RunGroups } from './cgroup/run-groups.js';
import { LIMITS } from './limits.js';

/** What a run holds. */
export interface Usage {
  bytes: number;
  /** Files in a /tmp of its own. */
  files: number;
}

export interface Watched {
  /** Undefined where the run is not there yet. */
  usage(): Usage | undefined;
  /** All its processes. */
  tree(): readonly number[];
  /** Bytes that it may hold. */
  memory: number;
  /** Where this machine lets the kernel itself hold it to that. */
  groups: RunGroups | undefined;
  /** Called at most once. */
  exceeded(excess: Excess): void;
}

/** Bytes a second that a program can hardly pass: what one memory channel writes. It sets how soon we look again. */
const FASTEST = 4 * 2 ** 30;
const SOONEST_MS = 20;
const LATEST_MS = 250;
/**
 * A run gets its cgroup before it can have written this part of its limit, or now. Not at once: the kernel may
 * wait 20 ms before it moves a process, and most programs are over by then.
 */
const FREE_PART = 0.25;
const FREE_MS = 100;

/** Watches what a run holds. */
export class Watch {
  private readonly watched: Watched;
  private timer: NodeJS.Timeout | undefined;
  private readonly grouping: NodeJS.Timeout | undefined;
  private group: RunGroup | undefined;

  constructor(watched: Watched) {
    this.watched = watched;
    const free = Math.min(FREE_MS, Math.max(SOONEST_MS, msToWrite(watched.memory * FREE_PART)));
    if (watched.groups !== undefined) this.grouping = setTimeout(() => this.join(), free);
    this.wait(0);
  }

  /** The run is over. What it took too much of, where only the kernel saw that. */
  end(): Excess | undefined {
    clearTimeout(this.timer);
    clearTimeout(this.grouping);
    const { group } = this;
    if (group === undefined) return undefined;
    this.group = undefined;
    const excess = group.exceeded() ? 'memory' : undefined;
    this.watched.groups?.end(group);
    return excess;
  }

  private wait(bytes: number): void {
    const ms = Math.min(LATEST_MS, Math.max(SOONEST_MS, msToWrite(this.watched.memory - bytes)));
    this.timer = setTimeout(() => this.check(), ms);
  }

  private check(): void {
    const { usage, memory, exceeded } = this.watched;
    const { bytes, files } = usage() ?? { bytes: 0, files: 0 };
    if (bytes > memory || this.group?.exceeded()) exceeded('memory');
    else if (files > LIMITS.files) exceeded('files');
    else this.wait(bytes);
  }

  /** What it held before stays on our own account: the sum that is looked at holds all, if later. */
  private join(): void {
    const { groups, memory, tree } = this.watched;
    try {
      this.group = groups?.make(memory);
      // It may end meanwhile, and its cgroup with it.
      this.group?.take(tree).catch(() => undefined);
    } catch {
      // No more cgroups, say: looking at the run must do.
    }
  }
}

function msToWrite(bytes: number): number {
  return (bytes / FASTEST) * 1000;
}
