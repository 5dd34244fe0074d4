import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Shares } from '../../src/gateway/fair-share/shares.js';
import { allocate, roundingOffset, slotCounts } from '../../src/gateway/fair-share/slot-counts.js';
import { SteppedDemand } from '../../src/gateway/fair-share/stepped-demand.js';

const DEMANDS = fc.array(fc.nat(1000), { minLength: 1, maxLength: 12 });
const LIMIT = fc.nat(200);
const sum = (values: readonly number[]) => values.reduce((all, each) => all + each, 0);

test('shares of an endpoint are whole slots that add up to its limit', () => {
  fc.assert(
    fc.property(DEMANDS, LIMIT, fc.nat(5000), fc.string(), fc.nat(9), (demands, limit, total, url, turn) => {
      const mine = slotCounts(limit, allocate(demands, Math.max(limit, total)), roundingOffset(url, turn));
      expect(sum(mine)).toBe(limit);
      expect(mine.every((each) => Number.isInteger(each) && each >= 0)).toBe(true);
    }),
  );
});

test('no gateway gets less than an equal share if it wants that much', () => {
  fc.assert(
    fc.property(DEMANDS, fc.integer({ min: 1, max: 2000 }), (demands, total) => {
      const allotted = allocate(demands, total);
      expect(sum(allotted)).toBeCloseTo(total, 6);
      demands.forEach((demand, at) => {
        const fair = Math.min(demand, total / demands.length);
        expect(allotted[at]).toBeGreaterThanOrEqual(fair - 1e-9);
      });
    }),
  );
});

test('an idle gateway leaves all but a few slots to the busy ones', () => {
  const mine = Array.from({ length: 4 }, (_, at) =>
    slotCounts(16, allocate([200, 0, 0, 0], 64), roundingOffset(`http://node${at}:8080`, 0)),
  );
  expect(sum(mine.map(([first = 0]) => first))).toBeGreaterThan(64 - 3 * 5 - 4);
});

test('with fewer slots than gateways, each round gives them to others', () => {
  const owners = new Set(
    Array.from({ length: 20 }, (_, turn) =>
      slotCounts(1, allocate([1, 1, 1], 1), roundingOffset('http://a', turn)).indexOf(1),
    ),
  );
  expect(owners).toEqual(new Set([0, 1, 2]));
});

const view = (self: number, demands: readonly number[], turn = 0) => ({
  self: String(self),
  demands: new Map(demands.map((demand, id) => [String(id), demand])),
  turn,
});

test('a share shrinks at once, and grows only when all gateways have seen the change', () => {
  let now = 0;
  const shares = new Shares(100, () => now);
  shares.update(view(0, [5]), true);
  expect([shares.slots('a', 8, 8), shares.unsettledMs]).toEqual([8, undefined]);
  shares.update(view(0, [5, 5]));
  expect(shares.slots('a', 8, 8)).toBeLessThanOrEqual(4);
  now = 100;
  expect(shares.slots('a', 8, 8)).toBe(4);
  shares.update(view(0, [5]));
  expect(shares.slots('a', 8, 8)).toBeLessThanOrEqual(4);
  now = 199;
  expect([shares.slots('a', 8, 8), shares.unsettledMs]).toEqual([3, 1]);
  now = 200;
  expect([shares.slots('a', 8, 8), shares.unsettledMs]).toEqual([8, undefined]);
});

test('a new gateway has no slots until the others have seen it', () => {
  let now = 0;
  const shares = new Shares(100, () => now);
  shares.update(view(1, [5, 5]));
  expect(shares.slots('a', 8, 8)).toBe(0);
  now = 100;
  expect(shares.slots('a', 8, 8)).toBe(4);
});

/** Each sees the others' demands late, by less than the settling time, and their coming and going, too. */
test('the shares never add up to more than the limit, however late the gateways see each other', () => {
  const demand = fc.oneof(
    { arbitrary: fc.nat(50), weight: 4 },
    { arbitrary: fc.constant(undefined), weight: 1 },
  );
  const change = fc.record({ at: fc.nat(1000), who: fc.nat(3), demand });
  const delays = fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 20 }), delays, LIMIT, (changes, late, limit) => {
      let now = 0;
      const all = [0, 1, 2, 3].map(() => new Shares(100, () => now));
      const known = all.map(() => view(0, [0, 0, 0, 0]).demands);
      const delay = (who: number, to: number) => (who === to ? 0 : (late[who * 4 + to] ?? 1));
      const news = changes
        .flatMap(({ at, who, demand }) => all.map((_, to) => ({ at: at + delay(who, to), who, to, demand })))
        .sort((a, b) => a.at - b.at);
      for (const [self, shares] of all.entries()) shares.update(view(self, [0, 0, 0, 0]), true);
      for (const { at, who, to, demand } of news) {
        now = at;
        const mine = known[to] as Map<string, number>;
        if (demand === undefined) mine.delete(String(who));
        else mine.set(String(who), demand);
        all[to]?.update({ self: String(to), demands: new Map(mine), turn: 0 });
        expect(sum(all.map((shares) => shares.slots('http://a', limit, 3 * limit)))).toBeLessThanOrEqual(
          limit,
        );
      }
    }),
    { numRuns: 500 },
  );
});

test('a higher demand is published at once, a lower one only after a while', () => {
  const demand = new SteppedDemand(100);
  const told = [
    [1, 0],
    [3, 10],
    [9, 20],
    [1, 30],
    [5, 60],
    [1, 129],
    [1, 130],
    [0, 131],
    [0, 231],
  ].map(([value = 0, now = 0]) => demand.update(value, now));
  expect(told).toEqual([4, 4, 16, 16, 16, 16, 8, 8, 4]);
});
