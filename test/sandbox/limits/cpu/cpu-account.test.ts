import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CpuAccount } from '../../../../src/sandbox/limits/cpu/cpu-account.js';
import { type CpuSample, parseSchedstat, parseStat } from '../../../../src/sandbox/limits/cpu/sample.js';

/** `threads`: for each its CPU time and its wait; each is a process of its own. */
function sampleOf(threads: Record<string, [used: number, waited: number]>, newest?: number): CpuSample {
  const entries = Object.entries(threads);
  return {
    processes: new Map(entries.map(([id, [used]]) => [id, { used, reaped: 0 }])),
    threads: new Map(entries.map(([id, [used, waited]]) => [id, { used, waited }])),
    ready: true,
    newest: newest ?? Math.max(...entries.map(([id]) => Number(id))),
  };
}

test('a single thread that waited for others is told exactly', () => {
  const account = new CpuAccount(0);
  account.add(sampleOf({ 1: [0, 0], 2: [300, 700] }), 1000);
  account.add(sampleOf({ 1: [0, 0], 2: [500, 1400] }), 2000);
  expect([account.used, account.waited]).toEqual([500, 1400]);
});

test('a wait for own threads and children is nobody else’s', () => {
  const account = new CpuAccount(0);
  // Two CPUs, alone: three at once.
  account.add(sampleOf({ 1: [667, 333], 2: [667, 333], 3: [666, 334] }), 1000);
  expect(account.waited).toBe(0);
});

test('children that end between two samples make no wait of their parent', () => {
  const account = new CpuAccount(0);
  account.add(sampleOf({ 1: [10, 0] }), 100);
  account.add(sampleOf({ 1: [100, 160], 2: [160, 90] }), 350);
  expect(account.waited).toBe(0);
  // The child is gone, and nobody waited for it.
  account.add(sampleOf({ 1: [200, 310] }), 600);
  expect(account.waited).toBe(0);
  // Two that nobody saw are told by the number of the next.
  account.add(sampleOf({ 1: [300, 460], 5: [0, 0] }), 850);
  expect(account.waited).toBe(0);
  account.add(sampleOf({ 1: [400, 610], 5: [0, 0] }), 1100);
  expect(account.waited).toBe(150);
});

test('a program that keeps starting what nobody sees gets nothing', () => {
  const account = new CpuAccount(0);
  account.add(sampleOf({ 1: [0, 0], 2: [10, 90] }), 100);
  expect(account.waited).toBe(90);
  for (let round = 1; round <= 5; round += 1) {
    account.add(sampleOf({ 1: [0, 0], 2: [10, 90 + 100 * round] }, 2 + 2 * round), 100 + 250 * round);
  }
  expect(account.waited).toBe(0);
});

interface Burst {
  /** Own threads, of those with a number below `own`, and others that want a CPU. */
  own: number;
  others: number;
  ms: number;
}

/** A machine that shares its CPUs evenly by milliseconds, in turn. */
function simulate(cpus: number, bursts: readonly Burst[]) {
  const OWN = 4;
  const times = Array.from({ length: OWN }, (): [number, number] => [0, 0]);
  const account = new CpuAccount(0);
  let now = 0;
  let without = 0;
  let turn = 0;
  for (const { own, others, ms } of bursts) {
    for (let step = 0; step < ms; step += 1) {
      const ready = own + others;
      const running = new Set(
        Array.from({ length: Math.min(cpus, ready) }, (_, at) => (turn + at) % Math.max(1, ready)),
      );
      turn += cpus;
      let ownRan = false;
      for (let thread = 0; thread < own; thread += 1) {
        const time = times[thread] as [number, number];
        if (running.has(thread)) {
          time[0] += 1;
          ownRan = true;
        } else time[1] += 1;
      }
      if (own > 0 && !ownRan) without += 1;
      now += 1;
      if (now % 250 === 0)
        account.add(sampleOf(Object.fromEntries(times.map((t, at) => [at + 1, [...t]]))), now);
    }
  }
  account.add(sampleOf(Object.fromEntries(times.map((t, at) => [at + 1, [...t]]))), now);
  return { account, without, used: times.reduce((sum, [ran]) => sum + ran, 0) };
}

test('whatever its threads do, a run is told no more wait than the time in which none of them had a CPU', () => {
  const burst = fc.record({
    own: fc.integer({ min: 0, max: 4 }),
    others: fc.nat(9),
    ms: fc.integer({ min: 1, max: 400 }),
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(burst, { maxLength: 12 }), (cpus, bursts) => {
      const { account, without, used } = simulate(cpus, bursts);
      expect(account.used).toBe(used);
      expect(account.waited).toBeLessThanOrEqual(without + 1e-6);
    }),
  );
});

test('one thread beside eight others on two CPUs: all its wait is theirs', () => {
  const { account, without } = simulate(2, [{ own: 1, others: 8, ms: 2000 }]);
  expect([account.waited, account.used + without]).toEqual([without, 2000]);
});

test('the kernel’s files are read as they are written', () => {
  expect(parseSchedstat('5000000 250000 17\n')).toEqual({ used: 5, waited: 0.25 });
  expect(parseSchedstat('')).toEqual({ used: 0, waited: 0 });
  const stat = '7 (a) b (c) R 1 7 7 0 -1 4194304 95 0 0 0 12 3 40 5 20 0 1 0 100 1 1';
  expect(parseStat(stat)).toEqual({ used: 150, reaped: 450, ready: true });
  expect(parseStat('')).toEqual({ used: 0, reaped: 0, ready: false });
});
