import { movesFor, type Party } from './moves.js';
import { type Counts, sumOf } from './slot-account.js';

export interface WorkerUsage {
  waiting: number;
  inUse: Counts;
  /** The number of the latest grant that it follows. */
  applied: number;
}

interface WorkerState {
  granted: Counts;
  /** What it may still use: more than it is granted until it follows that and its runs have ended. */
  holds: Counts;
  version: number;
  usage: WorkerUsage;
  starvingSince: number | undefined;
}

export interface Grant {
  version: number;
  slots: Counts;
}

/** Splits a gateway's slots among its worker processes. Together they never use more, however late they hear of it. */
export class WorkerSplit<W> {
  private readonly workers = new Map<W, WorkerState>();
  private readonly now: () => number;
  private readonly turnMs: number;

  /** `turnMs`: without any slot, with requests waiting, until it is a worker's turn. */
  constructor(now: () => number, turnMs: number) {
    this.now = now;
    this.turnMs = turnMs;
  }

  add(worker: W): void {
    const usage = { waiting: 0, inUse: {}, applied: 0 };
    this.workers.set(worker, { granted: {}, holds: {}, version: 0, usage, starvingSince: undefined });
  }

  remove(worker: W): void {
    this.workers.delete(worker);
  }

  report(worker: W, usage: WorkerUsage): void {
    const state = this.workers.get(worker);
    if (state === undefined) return;
    state.usage = usage;
    if (usage.applied !== state.version) return;
    for (const url of Object.keys(state.holds))
      state.holds[url] = Math.max(state.granted[url] ?? 0, usage.inUse[url] ?? 0);
  }

  held(): Map<string, number> {
    const held = new Map<string, number>();
    for (const { holds } of this.workers.values())
      for (const [url, count] of Object.entries(holds)) held.set(url, (held.get(url) ?? 0) + count);
    return held;
  }

  get waiting(): number {
    return this.sum(({ usage }) => usage.waiting);
  }

  get busy(): number {
    return this.sum(({ usage }) => sumOf(usage.inUse));
  }

  assign(limits: ReadonlyMap<string, number>): Map<W, Grant> {
    const before = new Map([...this.workers].map(([worker, { granted }]) => [worker, { ...granted }]));
    const held = this.held();
    for (const url of held.keys()) this.cut(url, limits.get(url) ?? 0);
    const granted = new Set<WorkerState | undefined>();
    for (const [url, limit] of limits)
      for (let free = limit - (held.get(url) ?? 0); free > 0; free -= 1) granted.add(this.grant(url));
    this.shift(granted);
    const changed = new Map<W, Grant>();
    for (const [worker, state] of this.workers) {
      if (isSame(before.get(worker) ?? {}, state.granted)) continue;
      state.version += 1;
      changed.set(worker, { version: state.version, slots: { ...state.granted } });
    }
    return changed;
  }

  /** Takes back what is granted beyond a limit, first what nobody uses. */
  private cut(url: string, limit: number): void {
    for (let excess = this.sum(({ granted }) => granted[url] ?? 0) - limit; excess > 0; excess -= 1) {
      const [from] = [...this.workers.values()].sort((a, b) => spareOf(b, url) - spareOf(a, url));
      if (from !== undefined) from.granted[url] = (from.granted[url] ?? 0) - 1;
    }
  }

  /** Gives a free slot to the one with the fewest, first of those that need another; among equals to who waits longest. */
  private grant(url: string): WorkerState | undefined {
    const needs = ({ granted, usage }: WorkerState) =>
      usage.waiting > 0 && usage.waiting + sumOf(usage.inUse) > sumOf(granted) ? 1 : 0;
    const waits = ({ starvingSince = Number.MAX_VALUE }: WorkerState) => starvingSince;
    const [to] = [...this.workers.values()].sort(
      (a, b) => needs(b) - needs(a) || sumOf(a.granted) - sumOf(b.granted) || waits(a) - waits(b),
    );
    if (to === undefined) return undefined;
    to.granted[url] = (to.granted[url] ?? 0) + 1;
    to.holds[url] = Math.max(to.holds[url] ?? 0, to.granted[url] ?? 0);
    return to;
  }

  /** Takes slots back that others need more; they are granted when they are free. None of those just granted. */
  private shift(justGranted: ReadonlySet<WorkerState | undefined>): void {
    const now = this.now();
    const states = [...this.workers.values()];
    const parties = states.map((state, at): Party => {
      const { usage, granted } = state;
      const holds = sumOf(granted);
      state.starvingSince = usage.waiting > 0 && holds === 0 ? (state.starvingSince ?? now) : undefined;
      const starving = state.starvingSince !== undefined && now - state.starvingSince >= this.turnMs;
      return {
        id: String(at),
        holds,
        // Runs in slots that were taken back need no others.
        demand: usage.waiting + holds - spare(state),
        waiting: usage.waiting,
        starving,
      };
    });
    let onTheWay = this.sum(takenBack);
    const inUse = this.sum((state) => (state.usage.applied === state.version ? takenBack(state) : 0));
    const total = parties.reduce((sum, { holds }) => sum + holds, 0) + onTheWay;
    for (const { from } of movesFor(parties, total)) {
      const giver = states[Number(from)];
      // What was taken back before is for the first of them; but an idle slot does not wait for the end of a run.
      if (onTheWay > (giver?.usage.waiting === 0 && spare(giver) > 0 ? inUse : 0)) onTheWay -= 1;
      else if (!justGranted.has(giver)) this.take(giver);
    }
  }

  private take(from: WorkerState | undefined): void {
    if (from === undefined) return;
    const urls = Object.keys(from.granted).filter((url) => (from.granted[url] ?? 0) > 0);
    const [url] = urls.sort((a, b) => spareOf(from, b) - spareOf(from, a));
    if (url !== undefined) from.granted[url] = (from.granted[url] ?? 0) - 1;
  }

  private sum(value: (state: WorkerState) => number): number {
    let sum = 0;
    for (const state of this.workers.values()) sum += value(state);
    return sum;
  }
}

/** Slots that it may still use, though they were taken back. */
function takenBack({ granted, holds }: WorkerState): number {
  return sumOf(holds) - sumOf(granted);
}

function spare({ granted, usage }: WorkerState): number {
  let sum = 0;
  for (const [url, count] of Object.entries(granted)) sum += Math.max(0, count - (usage.inUse[url] ?? 0));
  return sum;
}

function spareOf({ granted, usage }: WorkerState, url: string): number {
  const count = granted[url] ?? 0;
  return count === 0 ? Number.NEGATIVE_INFINITY : count - (usage.inUse[url] ?? 0);
}

function isSame(a: Counts, b: Counts): boolean {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((url) => (a[url] ?? 0) === (b[url] ?? 0));
}
