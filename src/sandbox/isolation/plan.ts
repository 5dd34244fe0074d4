import type { ParentCgroup } from '../limits/cgroup/parent.js';
import type { Counts } from '../limits/limits.js';
import type { VisiblePath } from '../types.js';

/** How this server runs programs, found at its start. Plain data: launcher processes get it by message. */
export type Plan = LitePlan | NonePlan;

export interface NonePlan extends Common {
  isolation: 'none';
}

/** How programs run warm: in sandboxes that wait for one, those in Python in forks of an interpreter that has started. */
export interface WarmPlan {
  /** The interpreter, absolute. */
  python: string;
  /** Sets of modules that are loaded beside the usual ones, a zygote each. */
  preload: readonly string[];
  /** Sandboxes that wait for a program, of each set. */
  ready: number;
}

export interface LitePlan extends Common {
  isolation: 'lite';
  by: 'bwrap' | 'unshare';
  /** Whether the kernel lists keys in /proc/keys, where every process of a user sees the names of all. */
  keysListed: boolean;
  /** Null if all programs run cold. */
  warm: WarmPlan | null;
  /** Whether programs get the seccomp filter; without it, they may call all that the kernel has. */
  filtered: boolean;
  /** Absolute. */
  bwrap: string;
  /** What a sandbox shows of the host; what lies inside another comes after it. */
  visible: readonly VisiblePath[];
  /** Whether programs may use the network of this machine. */
  network: boolean;
  /**
   * The first of the users that sandboxes run as outside of their user namespace, one for each run at a time;
   * null: they run as this server's own user.
   */
  user: SandboxUser | null;
  /** Folders of tools that this user can only reach when somebody else opens the way. */
  staged: readonly string[];
  /** The letter by which `ulimit` of /bin/sh limits processes; null if that would count others' too. */
  processLetter: 'p' | 'u' | null;
}

interface Common {
  /** What prepares launchers; null if there is none. */
  python: string | null;
  env: Readonly<Record<string, string>>;
  /** Bytes of each stream that are kept. */
  outputCap: number;
  /** Bytes of a private /tmp. */
  tmpSize: number;
  /** The most bytes of memory that a run may hold. */
  memory: number;
  /** How many processes and open files a run may have. */
  counts: Counts;
  /** Where this machine lets this server make cgroups. */
  cgroup?: ParentCgroup;
}

export interface SandboxUser {
  uid: number;
  gid: number;
  /** Whether the user ids after this one may be used too. */
  range: boolean;
}
