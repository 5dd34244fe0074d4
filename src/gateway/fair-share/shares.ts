import { allocate, type DemandView, roundingOffset, slotCounts } from './slot-counts.js';

/** A value and when it was replaced; undefined for the current one. */
interface TimedValue {
  value: number;
  until: number | undefined;
}

/** Corrects rounding errors of floating-point sums. */
const EPSILON = 1e-9;

/**
 * Our share of every endpoint's limit. The others see the same changes at other times and in another order, so
 * for `settleMs` after a change we take only what we would get under the worst combination of old and new
 * demands. That is why the shares never add up to more than the limit.
 */
export class Shares {
  private readonly demands = new Map<string, TimedValue[]>();
  private turns: TimedValue[] = [];
  private self: string | undefined;
  private readonly settleMs: number;
  private readonly now: () => number;

  /** `settleMs`: milliseconds until all others have seen a change. */
  constructor(settleMs: number, now: () => number) {
    this.settleMs = settleMs;
    this.now = now;
  }

  /** `settled`: all others know it already, or there are none. */
  update({ self, demands, turn }: DemandView, settled = false): void {
    const now = this.now();
    const ended = settled ? Number.NEGATIVE_INFINITY : now;
    this.self = self;
    for (const id of new Set([...demands.keys(), ...this.demands.keys()])) {
      const known = this.demands.get(id) ?? [];
      // A newcomer had no demand before. If that is us, the others left us nothing: -1.
      const comes = demands.has(id) && (known.at(-1) === undefined || known.at(-1)?.until !== undefined);
      if (comes && !settled) known.push({ value: id === self ? -1 : 0, until: now });
      record(known, demands.get(id), ended);
      this.demands.set(id, known);
    }
    record(this.turns, turn, ended);
    this.forget(now);
  }

  /** Milliseconds until the last change has settled; undefined if all have. */
  get unsettledMs(): number | undefined {
    this.forget(this.now());
    const ends = [...this.demands.values(), this.turns].flat().flatMap(({ until }) => until ?? []);
    return ends.length === 0 ? undefined : Math.max(...ends) + this.settleMs - this.now();
  }

  /** Our slots on one endpoint. `total`: the sum of all endpoints' limits. */
  slots(url: string, limit: number, total: number): number {
    const settled = this.unsettledMs === undefined;
    const ids = [...this.demands.keys()].sort();
    const at = ids.indexOf(this.self ?? '');
    if (at < 0) return 0;
    const demands = ids.map((id) => {
      const values = (this.demands.get(id) ?? []).map(({ value }) => value);
      return id === this.self ? Math.min(...values) : Math.max(...values);
    });
    if ((demands[at] ?? -1) < 0) return 0;
    const allocated = allocate(demands, total);
    if (settled) return slotCounts(limit, allocated, roundingOffset(url, this.turns[0]?.value ?? 0))[at] ?? 0;
    return total === 0 ? 0 : Math.floor((limit * (allocated[at] ?? 0)) / total - EPSILON);
  }

  /** Drops replaced values whose end all others have seen. */
  private forget(now: number): void {
    const kept = ({ until }: TimedValue) => until === undefined || now - until < this.settleMs;
    this.turns = this.turns.filter(kept);
    for (const [id, values] of this.demands) {
      const left = values.filter(kept);
      if (left.length === 0) this.demands.delete(id);
      else if (left.length < values.length) this.demands.set(id, left);
    }
  }
}

function record(values: TimedValue[], value: number | undefined, now: number): void {
  const last = values.at(-1);
  if (last?.until === undefined && last?.value === value) return;
  if (last !== undefined) last.until ??= now;
  if (value !== undefined) values.push({ value, until: undefined });
}
