import { expect, test } from 'vitest';
import type { CpuSample } from '../../../../src/sandbox/limits/cpu/sample.js';
import { TimeLimit } from '../../../../src/sandbox/limits/cpu/time-limit.js';

/** Runs one program whose CPU time and wait at a time `share` tells. Returns its end, when, and the facts. */
function endOf(limit: number, latest: number, share: (ms: number) => CpuSample | undefined) {
  let now = 0;
  let next: { at: number; act: () => void } | undefined;
  let end: string | undefined;
  const time = new TimeLimit({
    ...{ limit, latest, now: () => now, sample: () => share(now) },
    after: (ms, act) => {
      next = { at: now + ms, act };
      return () => undefined;
    },
    onEnd: (how) => {
      end = how;
    },
  });
  while (end === undefined && next !== undefined && now < 1e6) {
    const { at, act } = next;
    next = undefined;
    now = at;
    act();
  }
  const facts = time.facts(end === 'timeout');
  return {
    end,
    at: Math.round(now),
    facts: facts && { used: round(facts.used), waited: round(facts.waited) },
  };
}

const round = (seconds: number) => Math.round(seconds * 10) / 10;

function one(used: number, waited: number, ready = false): CpuSample {
  return {
    processes: new Map([['1', { used, reaped: 0 }]]),
    threads: new Map([['1', { used, waited }]]),
    ...{ newest: 1, ready },
  };
}

test('a program that had its CPU ends at its limit', () => {
  expect(endOf(2000, 10_000, (ms) => one(ms, 0))).toEqual({
    end: 'timeout',
    at: 2000,
    facts: { used: 2, waited: 0 },
  });
});

test('a program that sleeps ends at its limit', () => {
  expect(endOf(2000, 10_000, () => one(1, 0))).toMatchObject({ end: 'timeout', at: 2000 });
});

test('without CPU accounting of the kernel, the limit is not extended', () => {
  expect(endOf(2000, 10_000, () => undefined)).toEqual({ end: 'timeout', at: 2000, facts: undefined });
});

test('a limit is extended until the program has had its CPU time, and no longer', () => {
  // A quarter of one CPU: four times its limit.
  const { end, at, facts } = endOf(2000, 20_000, (ms) => one(ms / 4, (ms * 3) / 4));
  expect([end, facts]).toEqual(['timeout', { used: 2, waited: 6 }]);
  expect(Math.abs(at - 8000)).toBeLessThan(300);
});

test('a program that waited half a second ends half a second late', () => {
  const share = (ms: number) => one(Math.min(ms, 500), Math.min(500, Math.max(0, ms - 500)));
  const { end, at } = endOf(2000, 20_000, share);
  expect(end).toBe('timeout');
  // Samples come at random times: one in the last 10 ms ends the run, since so little is not worth another.
  expect(2500 - at).toBeLessThan(10);
  expect(at).toBeLessThanOrEqual(2500);
});

test('the client’s timeout ends an extension, and the end is reported as contended', () => {
  expect(endOf(2000, 5000, (ms) => one(ms / 4, (ms * 3) / 4))).toEqual({
    end: 'contended',
    at: 5000,
    facts: { used: 1.3, waited: 3.8 },
  });
});

test('a caller who waits less than the limit gets an answer before it', () => {
  expect(endOf(2000, 1500, (ms) => one(ms, 0))).toMatchObject({ end: 'late', at: 1500 });
});

test('a wait that has not ended yet, and so is not counted, is waited for', () => {
  // It waits from 1.5 s to 2.3 s, which the kernel counts at the end of that.
  const share = (ms: number) => (ms < 2300 ? one(Math.min(ms, 1500), 0, true) : one(ms - 800, 800, true));
  const { end, at, facts } = endOf(2000, 20_000, share);
  expect([end, facts]).toEqual(['timeout', { used: 2, waited: 0.8 }]);
  expect(Math.abs(at - 2800)).toBeLessThan(300);
});

test('no limit at all', () => {
  const { end, at } = endOf(0, Number.POSITIVE_INFINITY, () => undefined);
  expect([end, at]).toEqual(['timeout', 0]);
});
