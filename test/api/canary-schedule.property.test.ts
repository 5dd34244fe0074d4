import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CanarySchedule, MIN_GAP_MS } from '../../src/api/canary-schedule.js';

interface Waiting {
  notBefore: number;
  /** When the check that served it began. */
  servedBy?: number;
}

const STEP = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), afterMs: fc.integer({ min: 0, max: 1_500 }) }),
  fc.record({ kind: fc.constant('pace' as const), afterMs: fc.integer({ min: 0, max: 5_000 }) }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 600 }) }),
  fc.record({ kind: fc.constant('end' as const) }),
);

test('one check at a time, never two close together, and each result is served once by a check that began late enough', () => {
  fc.assert(
    fc.property(fc.array(STEP, { maxLength: 80 }), (steps) => {
      const schedule = new CanarySchedule<Waiting>();
      const all: Waiting[] = [];
      const starts: number[] = [];
      let now = 0;
      let inFlight: Waiting[] | undefined;
      const begin = () => {
        if (schedule.dueAt > now) return;
        expect(inFlight).toBeUndefined();
        inFlight = schedule.begin(now);
        starts.push(now);
        for (const each of inFlight) {
          expect(each.servedBy).toBeUndefined();
          each.servedBy = now;
        }
      };
      const end = () => {
        if (inFlight === undefined) return;
        inFlight = undefined;
        schedule.end();
      };
      for (const step of steps) {
        if (step.kind === 'add') {
          const each = { notBefore: now + step.afterMs };
          all.push(each);
          schedule.add(each);
        } else if (step.kind === 'pace') schedule.pace(now + step.afterMs);
        else if (step.kind === 'pass') now += step.ms;
        else end();
        begin();
      }
      // Whatever waits is served in the end.
      for (let turn = 0; turn < 200 && all.some(({ servedBy }) => servedBy === undefined); turn += 1) {
        end();
        now = Math.max(now, schedule.dueAt === Number.POSITIVE_INFINITY ? now : schedule.dueAt);
        begin();
      }
      for (const { servedBy = -1, notBefore } of all) expect(servedBy).toBeGreaterThanOrEqual(notBefore);
      starts.slice(1).forEach((start, at) => {
        expect(start - (starts[at] ?? 0)).toBeGreaterThanOrEqual(MIN_GAP_MS);
      });
    }),
  );
});

test('one check serves all that wait for it', () => {
  const schedule = new CanarySchedule<Waiting>();
  for (let count = 0; count < 100; count += 1) schedule.add({ notBefore: 10 });
  schedule.add({ notBefore: 11 });
  expect(schedule.begin(10)).toHaveLength(100);
  schedule.end();
  expect([schedule.dueAt, schedule.begin(10 + MIN_GAP_MS).length]).toEqual([10 + MIN_GAP_MS, 1]);
});
