import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fairShares, movesFor } from '../../../src/gateway/fair-share/moves.js';
import { sum } from './members.js';

test('fair shares give each gateway what it demands, up to an equal part while another gets less', () => {
  const demands = fc.array(fc.nat(100), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(demands, fc.nat(200), (wanted, total) => {
      const parties = wanted.map((demand, at) => ({ id: String(at), demand }));
      const shares = fairShares(parties, total);
      expect(sum(shares.values())).toBeCloseTo(Math.min(total, sum(wanted)), 6);
      for (const { id, demand } of parties) {
        expect(shares.get(id)).toBeGreaterThanOrEqual(Math.min(demand, total / wanted.length) - 1e-9);
        expect(shares.get(id)).toBeLessThanOrEqual(demand);
      }
    }),
  );
});

test('no slot moves between gateways without need', () => {
  const party = (id: string, holds: number, demand: number, waiting = Math.max(0, demand - holds)) => ({
    ...{ id, holds, demand, waiting, starving: false },
  });
  expect(movesFor([party('a', 4, 0), party('b', 0, 0)], 4)).toEqual([]);
  expect(movesFor([party('a', 2, 9), party('b', 2, 9)], 4)).toEqual([]);
  expect(movesFor([party('a', 3, 9), party('b', 2, 9)], 5)).toEqual([]);
  expect(movesFor([party('a', 4, 9), party('b', 0, 1)], 4)).toEqual([{ from: 'a', to: 'b' }]);
  expect(movesFor([party('a', 1, 9), party('b', 0, 9)], 1)).toEqual([]);
  expect(movesFor([party('a', 1, 9), { ...party('b', 0, 9), starving: true }], 1)).toEqual([
    { from: 'a', to: 'b' },
  ]);
});

test('one of several gateways that have had no slot for long gets one', () => {
  const starving = ['b', 'c', 'd'].map((id) => ({ id, holds: 0, demand: 9, waiting: 9, starving: true }));
  const holder = { id: 'a', holds: 1, demand: 9, waiting: 8, starving: false };
  expect(movesFor([holder, ...starving], 1)).toEqual([{ from: 'a', to: 'b' }]);
});
