import type { Slot } from './slot.js';
import { type Spec, slotHash, slots } from './spec.js';

/** A job that ended or stopped serving although no command asked for it. */
export interface Fault {
  /** Milliseconds since the epoch. */
  at: number;
  slot: Slot;
  jobId: string;
  hash: string;
  node: string | null;
  /** Slurm's job state, or WEDGED. */
  state: string;
  cause: string;
  /** Seconds that it ran, according to Slurm. */
  lasted: number;
  /** Whether its server certainly was never ready. */
  neverReady: boolean;
}

/** When a slot may get its next job, and after how many short-lived ones. */
export interface Pause {
  /** Milliseconds since the epoch; null if none is tried any more. */
  until: number | null;
  faults: number;
  cause: string;
}

/** After a job that ran longer than this, the next one is submitted at once. Seconds. */
const LASTING_S = 600;
/** The pause after the first short-lived job, doubled with each further one. Milliseconds. */
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 600_000;
/** The longest pause after jobs that others ended: the next one is likely to last. Milliseconds. */
const LONGEST_PAUSE_OUTSIDE_MS = 60_000;
/** Failed starts in a row after which a spec that never had a ready server is given up. */
const GIVEN_UP = 8;
/** How long faults are remembered, and how long a node is excluded after its second one. Milliseconds. */
const REMEMBERED_MS = 24 * 3_600_000;
export const LEFT_OUT_MS = 3_600_000;
const MOST = 500;
/** States that a broken node can cause, unlike those of an administrator, another job, or the size of the job. */
const OF_THE_NODE = ['NODE_FAIL', 'BOOT_FAIL', 'FAILED', 'WEDGED'];
/** Ends that say nothing about the server: a person, another job, or the node. */
const OUTSIDE = ['CANCELLED', 'PREEMPTED', 'REVOKED', 'NODE_FAIL', 'BOOT_FAIL'];
const EXPECTED = ['TIMEOUT', 'DEADLINE'];

export const isFault = (state: string): boolean => !EXPECTED.includes(state);

export function remembered(faults: readonly Fault[], now: number): Fault[] {
  return faults.filter(({ at }) => now - at < REMEMBERED_MS).slice(-MOST);
}

/** The pauses of slots whose last jobs under this spec were short-lived. */
export function pausesOf(faults: readonly Fault[], hash: string | undefined, slot: Slot): Pause | undefined {
  const ofSlot = faults.filter((fault) => fault.slot === slot && fault.hash === hash);
  const last = ofSlot.at(-1);
  const lasting = ofSlot.findLastIndex(({ lasted }) => lasted >= LASTING_S);
  const streak = ofSlot.slice(lasting + 1);
  if (last === undefined || streak.length === 0) return undefined;
  const neverWorked = faults.every((fault) => fault.hash !== hash || fault.neverReady);
  const outside = streak.filter(({ state }) => OUTSIDE.includes(state)).length;
  const own = streak.length - outside;
  const pause = Math.max(pauseAfter(own, LONGEST_PAUSE_MS), pauseAfter(outside, LONGEST_PAUSE_OUTSIDE_MS));
  const until = neverWorked && own >= GIVEN_UP ? null : last.at + pause;
  return { until, faults: streak.length, cause: last.cause };
}

function pauseAfter(faults: number, longest: number): number {
  return faults === 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (faults - 1), longest);
}

/** The pauses of all slots of a spec that have one. */
export function pausedSlots(
  spec: Pick<Spec, 'nodes' | 'gateway' | 'hash'>,
  faults: readonly Fault[],
): Map<Slot, Pause> {
  return new Map(
    slots(spec).flatMap((slot) => {
      const pause = pausesOf(faults, slotHash(spec, slot), slot);
      return pause === undefined ? [] : [[slot, pause]];
    }),
  );
}

export interface LeftOut {
  node: string;
  /** Milliseconds since the epoch. */
  until: number;
  /** How many jobs failed there within a day. */
  failed: number;
  causes: string[];
}

export function leftOutNodes(faults: readonly Fault[], now: number): LeftOut[] {
  const byNode = new Map<string, Fault[]>();
  for (const fault of remembered(faults, now)) {
    if (fault.node === null || !OF_THE_NODE.includes(fault.state)) continue;
    byNode.set(fault.node, [...(byNode.get(fault.node) ?? []), fault]);
  }
  return [...byNode]
    .filter(([, its]) => its.length >= 2)
    .map(([node, its]) => ({
      node,
      until: (its.at(-1)?.at ?? 0) + LEFT_OUT_MS,
      failed: its.length,
      causes: [...new Set(its.map(({ cause }) => cause))],
    }))
    .filter(({ until }) => until > now)
    .sort((a, b) => b.until - a.until);
}
