import fc from 'fast-check';
import { expect, test } from 'vitest';
import { latencyOf, median, percentile, ratioOf } from '../../src/bench/statistics.js';

const values = fc.array(fc.double({ noNaN: true, min: 0, max: 1e9 }), { minLength: 1, maxLength: 200 });

test('a percentile is the least value that its share of all values does not exceed', () => {
  fc.assert(
    fc.property(values, fc.double({ noNaN: true, min: 0.01, max: 1 }), (all, share) => {
      const sorted = all.toSorted((a, b) => a - b);
      const found = percentile(sorted, share) as number;
      const notAbove = (limit: number) => all.filter((value) => value <= limit).length / all.length;
      expect(notAbove(found)).toBeGreaterThanOrEqual(share - 1e-9);
      const smaller = sorted.filter((value) => value < found);
      if (smaller.length > 0) expect(notAbove(smaller.at(-1) as number)).toBeLessThan(share);
    }),
  );
});

test('of ten values, p90 is the ninth and p99 the last', () => {
  const ten = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1];
  expect(latencyOf(ten)).toEqual({ mean: 5.5, p50: 5, p90: 9, p99: 10, max: 10 });
});

test('without values there is no latency', () => {
  expect(latencyOf([])).toEqual({ mean: null, p50: null, p90: null, p99: null, max: null });
});

test('the median is between both halves', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeNull();
});

test('nothing is a multiple of nothing', () => {
  expect(ratioOf(1, 0)).toBeNull();
  expect(ratioOf(null, 1)).toBeNull();
  expect(ratioOf(3, 2)).toBe(1.5);
});
