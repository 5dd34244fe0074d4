import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Lane, Queue, Refused } from '../../../src/sandbox/queue/queue.js';

const never = new AbortController().signal;
const PATIENT = { until: Number.POSITIVE_INFINITY, expected: () => 0 };
const turns = async (count = 5) => {
  for (; count > 0; count -= 1) await Promise.resolve();
};

test('a health check begins beside full slots and a long queue, and the next one before every queued run', async () => {
  const queue = new Queue(1, 10);
  const order: string[] = [];
  const enter = async (name: string, isCheck: boolean) => {
    const lane = await queue.enter(PATIENT, never, isCheck);
    order.push(name);
    return lane;
  };
  const run = await enter('run', false);
  void enter('queued run', false);
  const check = await enter('check', true);
  const second = enter('second check', true);
  await turns();
  expect(order).toEqual(['run', 'check']);
  queue.leave(run);
  await turns();
  expect(order).toEqual(['run', 'check', 'second check']);
  queue.leave(check);
  queue.leave(await second);
  await turns();
  expect(order.at(-1)).toBe('queued run');
});

test('there are never more runs than slots, nor more than one health check beyond them, and everyone gets in', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.record({ isCheck: fc.boolean(), leaves: fc.boolean() }), { maxLength: 60 }),
      async (slots, steps) => {
        const queue = new Queue(slots, 1_000);
        const inside: { isCheck: boolean; lane: Lane }[] = [];
        let entered = 0;
        const check = () => {
          expect(inside.length).toBeLessThanOrEqual(slots + 1);
          expect(inside.filter(({ isCheck }) => !isCheck).length).toBeLessThanOrEqual(slots);
        };
        const leaveOne = async () => {
          const [left] = inside.splice(0, 1);
          if (left !== undefined) queue.leave(left.lane);
          await turns();
          check();
        };
        for (const { isCheck, leaves } of steps) {
          void queue.enter(PATIENT, never, isCheck).then((lane) => {
            entered += 1;
            inside.push({ isCheck, lane });
          });
          await turns();
          check();
          if (leaves) await leaveOne();
        }
        while (inside.length > 0) await leaveOne();
        expect([entered, queue.busy, queue.depth]).toEqual([steps.length, 0, 0]);
      },
    ),
  );
});

test('the queue of runs has a limit, which health checks do not use up', async () => {
  const queue = new Queue(1, 0);
  await queue.enter(PATIENT, never);
  await expect(queue.enter(PATIENT, never)).rejects.toThrow(Refused);
  expect(await queue.enter(PATIENT, never, true)).toBe('check');
});
