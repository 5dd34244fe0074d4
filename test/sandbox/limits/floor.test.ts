import { afterEach, expect, test } from 'vitest';
import type { Memory } from '../../../src/machine/free-memory.js';
import { MemoryFloor } from '../../../src/sandbox/limits/floor.js';

const GB = 2 ** 30;
let leave: () => void = () => undefined;
afterEach(() => leave());

/** A floor over memories that a test sets; ending the largest run frees what it held. */
function floorOver(...all: Memory[]) {
  const asked: number[] = [];
  let looks = 0;
  const floor = new MemoryFloor({
    memories: () => {
      looks += 1;
      return all;
    },
    endLargest: async (least) => {
      asked.push(least);
      return true;
    },
  });
  return { floor, asked, looks: () => looks };
}

/** As long as another floor needs to look a few times. */
async function someLooks(): Promise<void> {
  const other = floorOver({ total: 64 * GB, free: 64 * GB });
  const stop = other.floor.enter();
  await expect.poll(other.looks).toBeGreaterThan(4);
  stop();
}

test('the memory floor ends nothing while enough is free, and reads nothing while nothing runs', async () => {
  const { floor, asked, looks } = floorOver({ total: 64 * GB, free: 4 * GB });
  const atStart = looks();
  leave = floor.enter();
  await expect.poll(looks).toBeGreaterThan(atStart + 2);
  expect(asked).toEqual([]);
  leave();
  const afterwards = looks();
  await someLooks();
  expect(looks()).toBe(afterwards);
});

test('below 5 % free memory the largest run is ended, then the next, until enough is free', async () => {
  const memory = { total: 20 * GB, free: 10 * GB };
  const { floor, asked } = floorOver(memory);
  leave = floor.enter();
  memory.free = 0.9 * GB;
  await expect.poll(() => asked.length).toBe(2);
  memory.free = 1.1 * GB;
  const ended = asked.length;
  await someLooks();
  expect(asked.length - ended).toBeLessThan(2);
  expect(asked[0]).toBe(GB / 8);
});

test('a cgroup that is short of memory counts as the machine does', async () => {
  const cgroup = { total: GB, free: GB };
  const { floor, asked } = floorOver({ total: 64 * GB, free: 60 * GB }, cgroup);
  leave = floor.enter();
  cgroup.free = GB / 100;
  await expect.poll(() => asked.length).toBe(1);
});

test('memory that others held before the start is not freed by ending runs', async () => {
  const memory = { total: 64 * GB, free: GB };
  const { floor, asked, looks } = floorOver(memory);
  leave = floor.enter();
  memory.free = 0.6 * GB;
  const before = looks();
  await expect.poll(looks).toBeGreaterThan(before + 2);
  expect(asked).toEqual([]);
  memory.free = 0.4 * GB;
  await expect.poll(() => asked.length).toBe(1);
});

test('runs one after the other do not each look: what was free cannot be taken so soon', () => {
  let now = 0;
  let looks = 0;
  const timers = new Set<{ at: number; act: () => void }>();
  const floor = new MemoryFloor({
    memories: () => {
      looks += 1;
      return [{ total: 64 * GB, free: 32 * GB }];
    },
    endLargest: async () => false,
    now: () => now,
    after: (ms, act) => {
      const timer = { at: now + ms, act };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  });
  const atStart = looks;
  for (let run = 0; run < 30; run += 1) {
    leave = floor.enter();
    now += 40;
    for (const timer of timers) if (timer.at <= now && timers.delete(timer)) timer.act();
    leave();
  }
  // 1.2 s, and a look each 250 ms.
  expect(looks - atStart).toBe(5);
});
