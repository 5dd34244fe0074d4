import { allot, offsetOf, parts, type View } from './slot-counts.js';

/** A value, and when another took its place; undefined for the one that holds. */
interface Held {
  value: number;
  until: number | undefined;
}

/** Against what additions of fractions gain. */
const TINY = 1e-9;

/**
 * Our part of every endpoint's limit, among others who see the same changes at other times and in another
 * order. As long as one may not have seen a change, we take no more than we would get in the worst case;
 * what all have seen for sure (a moment that is `settleMs` old) is no worse, so the parts never add up to
 * more than the limit.
 */
export class Shares {
  private readonly held = new Map<string, Held[]>();
  private turns: Held[] = [];
  private self: string | undefined;
  private readonly settleMs: number;
  private readonly now: () => number;

  /** `settleMs`: until every other has seen what changed. */
  constructor(settleMs: number, now: () => number) {
    this.settleMs = settleMs;
    this.now = now;
  }

  /** `settled`: all have known it for long, such as where we are alone. */
  see({ self, demands, turn }: View, settled = false): void {
    const now = this.now();
    const ended = settled ? Number.NEGATIVE_INFINITY : now;
    this.self = self;
    for (const id of new Set([...demands.keys(), ...this.held.keys()])) {
      const known = this.held.get(id) ?? [];
      // One that comes was not there before; for us that means that the others gave us nothing.
      const comes = demands.has(id) && (known.at(-1) === undefined || known.at(-1)?.until !== undefined);
      if (comes && !settled) known.push({ value: id === self ? -1 : 0, until: now });
      hold(known, demands.get(id), ended);
      this.held.set(id, known);
    }
    hold(this.turns, turn, ended);
    this.forget(now);
  }

  /** Milliseconds until a part may grow because of what changed before; undefined where nothing did. */
  get unsettledMs(): number | undefined {
    this.forget(this.now());
    const ends = [...this.held.values(), this.turns].flat().flatMap(({ until }) => until ?? []);
    return ends.length === 0 ? undefined : Math.max(...ends) + this.settleMs - this.now();
  }

  /** Our part of one endpoint. `total`: all endpoints' limits together. */
  part(url: string, limit: number, total: number): number {
    const settled = this.unsettledMs === undefined;
    const ids = [...this.held.keys()].sort();
    const at = ids.indexOf(this.self ?? '');
    if (at < 0) return 0;
    const demands = ids.map((id) => {
      const values = (this.held.get(id) ?? []).map(({ value }) => value);
      return id === this.self ? Math.min(...values) : Math.max(...values);
    });
    if ((demands[at] ?? -1) < 0) return 0;
    const allotted = allot(demands, total);
    if (settled) return parts(limit, allotted, offsetOf(url, this.turns[0]?.value ?? 0))[at] ?? 0;
    return total === 0 ? 0 : Math.floor((limit * (allotted[at] ?? 0)) / total - TINY);
  }

  /** What ended before all others had seen its end. */
  private forget(now: number): void {
    const kept = ({ until }: Held) => until === undefined || now - until < this.settleMs;
    this.turns = this.turns.filter(kept);
    for (const [id, values] of this.held) {
      const left = values.filter(kept);
      if (left.length === 0) this.held.delete(id);
      else if (left.length < values.length) this.held.set(id, left);
    }
  }
}

function hold(values: Held[], value: number | undefined, now: number): void {
  const last = values.at(-1);
  if (last?.until === undefined && last?.value === value) return;
  if (last !== undefined) last.until ??= now;
  if (value !== undefined) values.push({ value, until: undefined });
}
