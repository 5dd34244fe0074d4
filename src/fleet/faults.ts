import type { Slot } from './slot.js';

/** A job that ended, or stopped serving, without anybody of us having wanted it. */
export interface Fault {
  /** Milliseconds since the epoch. */
  at: number;
  slot: Slot;
  jobId: string;
  /** Hash of its spec. */
  hash: string;
  node: string | null;
  /** Slurm's state word, or WEDGED. */
  state: string;
  cause: string;
  /** Seconds that it ran, by Slurm. */
  lasted: number;
  /** Whether its server is known to have never been ready. */
  neverReady: boolean;
}

/** When a slot may get its next job, and after how many that did not last. */
export interface Pause {
  /** Milliseconds since the epoch; null where no other is tried. */
  until: number | null;
  faults: number;
  cause: string;
}

/** A job that ran longer was well: the next one is submitted at once. Seconds. */
const LASTING_S = 600;
/** The pause after the first job that did not last, doubled with each further one. Milliseconds. */
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 600_000;
/** Starts that fail in a row until the fleet's spec, of which no server was ever ready, is given up. */
const GIVEN_UP = 8;
/** Faults are remembered for so long, and a node is left out for so long after its second. Milliseconds. */
const REMEMBERED_MS = 24 * 3_600_000;
export const LEFT_OUT_MS = 3_600_000;
const MOST = 500;
/** States for which the node may be to blame: not an administrator, another job, or the size of the job. */
const OF_THE_NODE = ['NODE_FAIL', 'BOOT_FAIL', 'FAILED', 'WEDGED'];
/** Ends that are nobody's fault. */
const EXPECTED = ['TIMEOUT', 'DEADLINE'];

export const isFault = (state: string): boolean => !EXPECTED.includes(state);

export function remembered(faults: readonly Fault[], now: number): Fault[] {
  return faults.filter(({ at }) => now - at < REMEMBERED_MS).slice(-MOST);
}

/** The pauses of slots whose last jobs under this spec did not last. */
export function pausesOf(faults: readonly Fault[], hash: string | undefined, slot: Slot): Pause | undefined {
  const own = faults.filter((fault) => fault.slot === slot && fault.hash === hash);
  const last = own.at(-1);
  const lasting = own.findLastIndex(({ lasted }) => lasted >= LASTING_S);
  const streak = own.slice(lasting + 1);
  if (last === undefined || streak.length === 0) return undefined;
  const neverWorked = faults.every((fault) => fault.hash !== hash || fault.neverReady);
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** (streak.length - 1), LONGEST_PAUSE_MS);
  const until = neverWorked && streak.length >= GIVEN_UP ? null : last.at + pause;
  return { until, faults: streak.length, cause: last.cause };
}

export interface LeftOut {
  node: string;
  /** Milliseconds since the epoch. */
  until: number;
  /** What happened on it. */
  causes: string[];
}

/** The nodes on which two jobs failed of late, the latest first. */
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
      causes: [...new Set(its.map(({ cause }) => cause))],
    }))
    .filter(({ until }) => until > now)
    .sort((a, b) => b.until - a.until);
}
