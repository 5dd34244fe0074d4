import { expect, test } from 'vitest';
import { History } from '../../src/gateway/metrics/history.js';
import { BUCKETS } from '../../src/gateway/metrics/stats.js';

const totals = (answer: number, infra: number, slow = 0) => ({
  ends: { answer, infra, refused: 1, too_long: 0, gone: 0 },
  // `slow` of them took 2.5 to 5 seconds, the others up to 5 milliseconds.
  took: { counts: [answer - slow, ...BUCKETS.slice(1).map((bound) => (bound === 5 ? slow : 0)), 0], sum: 0 },
});

test('an interval of the history has the new requests, the longest queue and its own p99', () => {
  const history = new History();
  history.add(totals(100, 3), 0);
  history.sawWaiting(7);
  history.sawWaiting(2);
  history.add(totals(150, 5, 50), 10_000);
  history.add(totals(150, 5, 50), 20_000);
  expect(history.points).toEqual([
    { time: '1970-01-01T00:00:10.000Z', rate: 5, waiting: 7, p99_ms: expect.closeTo(4975, 0), failed: 2 },
    { time: '1970-01-01T00:00:20.000Z', rate: 0, waiting: 0, p99_ms: null, failed: 0 },
  ]);
});

test('a worker process that is replaced, and whose counts are lost, gives no negative rate in the history', () => {
  const history = new History();
  history.add(totals(100, 3), 0);
  history.add(totals(10, 0), 10_000);
  expect(history.points).toMatchObject([{ rate: 0, failed: 0 }]);
});

test('the history keeps fifteen minutes', () => {
  const history = new History();
  for (let at = 0; at <= 200; at += 1) history.add(totals(at, 0), at * 10_000);
  expect(history.points).toHaveLength(90);
  expect(history.points.at(-1)?.time).toBe(new Date(2_000_000).toISOString());
});
