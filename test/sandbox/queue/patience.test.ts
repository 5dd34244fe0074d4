import { expect, test } from 'vitest';
import { type Clock, Queue, Refused } from '../../../src/sandbox/queue/queue.js';
import { RecentRuns } from '../../../src/sandbox/queue/recent-runs.js';

const NEVER = new AbortController().signal;

/** A clock that a test moves on; timers fire in their order. */
class HandClock implements Clock {
  private time = 0;
  private timers: { at: number; act: () => void }[] = [];
  now = () => this.time;

  after = (ms: number, act: () => void) => {
    const timer = { at: this.time + ms, act };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((each) => each !== timer);
    };
  };

  /** Also lets what waits for promises go on. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      await new Promise(setImmediate);
      const next = this.timers.toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > end) break;
      this.timers = this.timers.filter((each) => each !== next);
      this.time = Math.max(this.time, next.at);
      next.act();
    }
    this.time = end;
  }
}

/** Programs of `runMs` milliseconds, all at once, on two slots. Returns how each ended. */
async function burst(count: number, runMs: number, patienceMs: number): Promise<string[]> {
  const clock = new HandClock();
  const queue = new Queue(2, 1000, clock);
  const recent = new RecentRuns();
  const ends = Array.from({ length: count }, async () => {
    try {
      await queue.enter({ until: patienceMs, expected: () => recent.expected('python') }, NEVER);
    } catch (error) {
      return `${(error as Refused).message} at ${clock.now()}`;
    }
    await new Promise<void>((resolve) => clock.after(runMs, resolve));
    recent.add('python', runMs);
    queue.leave('run');
    return clock.now() <= patienceMs ? 'in time' : 'too late';
  });
  await clock.advance(60_000);
  expect([queue.busy, queue.depth]).toEqual([0, 0]);
  return Promise.all(ends);
}

test('a hundred programs of 0.15 s on two slots all end before callers that wait for 21.75 s', async () => {
  expect(new Set(await burst(100, 150, 21_750))).toEqual(new Set(['in time']));
});

test('a queued run starts as long as its program can end in time, and is refused then and not before', async () => {
  const ends = await burst(10, 1000, 3500);
  expect(ends.filter((end) => end === 'in time')).toHaveLength(6);
  // It has taken a second of late: at the next free slot, after 3 s, no answer can come any more.
  const refused = 'waited 3.00 s for a free slot, as long as its caller may at 3000';
  expect(ends.filter((end) => end === refused)).toHaveLength(4);
});

test('who hangs up leaves the queue', async () => {
  const clock = new HandClock();
  const queue = new Queue(1, 1000, clock);
  const wait = { until: Number.POSITIVE_INFINITY, expected: () => 0 };
  await queue.enter(wait, NEVER);
  const gone = new AbortController();
  const waits = queue.enter(wait, gone.signal);
  const next = queue.enter(wait, NEVER);
  gone.abort(new Error('the client hung up'));
  await expect(waits).rejects.toThrow('the client hung up');
  queue.leave('run');
  await next;
  expect([queue.busy, queue.depth]).toEqual([1, 0]);
});

test('no more than a limit wait', async () => {
  const queue = new Queue(1, 1, new HandClock());
  const wait = { until: 1000, expected: () => 0 };
  await queue.enter(wait, NEVER);
  const waits = queue.enter(wait, NEVER);
  await expect(queue.enter(wait, NEVER)).rejects.toThrow(Refused);
  queue.leave('run');
  await waits;
});

test('the run time lately seen is the median of the latest runs of that language', () => {
  const recent = new RecentRuns();
  expect(recent.expected('python')).toBe(0);
  for (const ms of [100, 200, 9000]) recent.add('python', ms);
  recent.add('cpp', 3000);
  expect([recent.expected('python'), recent.expected('cpp')]).toEqual([200, 3000]);
  for (let run = 0; run < 32; run += 1) recent.add('python', 50);
  expect(recent.expected('python')).toBe(50);
});
