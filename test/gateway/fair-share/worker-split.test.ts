import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WorkerSplit } from '../../../src/gateway/fair-share/worker-split.js';
import { sum } from './members.js';

interface Step {
  who: number;
  act: 'report' | 'want' | 'finish' | 'assign';
  count: number;
}

const stepOf = (who: number, act: Step['act'], count = 1): Step => ({ who, act, count });

/** Each once left a slot idle beside a waiting request, for as long as a run took or for ever. */
const STALLS: [Step[], number[]][] = [
  // The slot that was taken back from the second process is in use; the third one's is idle.
  [
    [stepOf(0, 'want', 3), stepOf(0, 'assign'), stepOf(1, 'want'), stepOf(0, 'report'), stepOf(0, 'assign')],
    [2, 2],
  ],
  // Two processes wait for one slot: it was given to the first, and taken back at once for the second.
  [
    [
      ...[stepOf(2, 'want'), stepOf(2, 'report'), stepOf(1, 'want'), stepOf(1, 'report')],
      ...[stepOf(0, 'assign'), stepOf(1, 'finish'), stepOf(0, 'want'), stepOf(0, 'report')],
    ],
    [0, 1],
  ],
  // The run of the second process is in a slot that was taken back, so that its other one is idle.
  [
    [stepOf(0, 'assign'), stepOf(2, 'want', 5), stepOf(1, 'want'), stepOf(2, 'report'), stepOf(0, 'assign')],
    [3, 3],
  ],
];

test('worker processes never use more slots together than the gateway has, and none stays idle', () => {
  const step = fc.record({
    who: fc.nat(2),
    act: fc.constantFrom<Step['act']>('report', 'report', 'want', 'finish', 'assign'),
    count: fc.integer({ min: 1, max: 5 }),
  });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60 }),
      fc.array(fc.nat(4), { minLength: 2, maxLength: 2 }),
      (steps, slots) => {
        let now = 0;
        const split = new WorkerSplit<number>(() => now, 300);
        const limits = new Map(slots.map((limit, at) => [`u${at}`, limit]));
        const workers = [0, 1, 2].map(() => ({
          waiting: 0,
          inUse: {} as Record<string, number>,
          applied: 0,
          granted: {} as Record<string, number>,
        }));
        const start = (worker: (typeof workers)[number]) => {
          for (const url of limits.keys())
            while (worker.waiting > 0 && (worker.inUse[url] ?? 0) < (worker.granted[url] ?? 0)) {
              worker.inUse[url] = (worker.inUse[url] ?? 0) + 1;
              worker.waiting -= 1;
            }
        };
        const assign = () => {
          for (const [at, { version, slots: granted }] of split.assign(limits)) {
            const worker = workers[at] as (typeof workers)[number];
            worker.granted = granted;
            worker.applied = version;
            start(worker);
          }
        };
        const report = (at: number) => {
          const { waiting, inUse, applied } = workers[at] as (typeof workers)[number];
          split.report(at, { waiting, inUse: { ...inUse }, applied });
        };
        const check = () => {
          for (const [url, limit] of limits)
            expect(sum(workers.map(({ inUse }) => inUse[url] ?? 0))).toBeLessThanOrEqual(limit);
        };
        workers.forEach((_, at) => void split.add(at));
        for (const { who, act, count } of steps) {
          now += 100;
          const worker = workers[who] as (typeof workers)[number];
          if (act === 'report') report(who);
          else if (act === 'assign') assign();
          else if (act === 'want') worker.waiting += count;
          else
            for (const url of limits.keys())
              worker.inUse[url] = Math.max(0, (worker.inUse[url] ?? 0) - count);
          start(worker);
          check();
        }
        for (let round = 0; round < 4; round += 1) {
          workers.forEach((_, at) => void report(at));
          assign();
          check();
        }
        const busy = sum(workers.flatMap(({ inUse }) => Object.values(inUse)));
        const waiting = sum(workers.map((each) => each.waiting));
        expect(busy).toBe(Math.min(sum(slots), busy + waiting));
      },
    ),
    { numRuns: 500, examples: STALLS },
  );
});
