import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Member, sum, together } from './members.js';

test('a gateway that is alone has all slots at once, whatever its demand', () => {
  const { members, beat } = together([1, 1, 1], 1);
  const [alone] = members as [Member];
  for (const waiting of [0, 1, 200, 0]) {
    expect(alone.free() + alone.busy).toBe(3);
    alone.waiting = waiting;
    beat();
  }
});

test('a gateway whose own demand changes gives up no slot, and keeps those that others do not need', () => {
  const { members, beat } = together([8, 8], 3);
  const [first] = members as [Member];
  for (const waiting of [0, 3, 40, 1, 16]) {
    first.waiting = waiting;
    beat();
    expect(first.free() + first.busy).toBe(16);
    first.finish(16);
    first.waiting = 0;
    first.inUse.clear();
  }
});

test('with 1, 24, 2 and 40 callers on three servers of one slot, no request ever waits beside a free slot', () => {
  const { members, beat, beatUrgently } = together([1, 1, 1], 4);
  [1, 24, 2, 40].forEach((callers, at) => {
    (members[at] as Member).waiting = callers;
  });
  for (const one of members) one.start();
  beat();
  beat();
  const served = members.map(() => 0);
  let idle = 0;
  for (let round = 0; round < 200; round += 1) {
    for (const one of members) {
      one.finish(1);
      beatUrgently();
    }
    beat();
    const busy = sum(members.map((one) => one.busy));
    expect(busy).toBeLessThanOrEqual(3);
    members.forEach((one, at) => {
      served[at] = (served[at] ?? 0) + one.busy;
    });
    if (busy < 3 && members.some(({ waiting }) => waiting > 0)) idle += 1;
  }
  expect(idle).toBe(0);
  // And each has its turn.
  for (const count of served) expect(count).toBeGreaterThan(60);
});

test('a gateway with a waiting request uses a free slot within two beats', () => {
  const limits = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
  const demands = fc.array(fc.array(fc.nat(12), { minLength: 4, maxLength: 4 }), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(limits, fc.integer({ min: 1, max: 4 }), demands, (slots, count, rounds) => {
      const { members, beat, beatUrgently } = together(slots, count);
      const total = sum(slots);
      for (const wanted of rounds) {
        members.forEach((one, at) => {
          one.inUse.clear();
          one.waiting = wanted[at] ?? 0;
          one.start();
        });
        beatUrgently();
        beat();
        beat();
        const busy = sum(members.map((one) => one.busy));
        const waiting = sum(members.map((one) => one.waiting));
        expect(busy).toBe(Math.min(total, busy + waiting));
      }
    }),
    { numRuns: 100 },
  );
});

test('a new gateway gets slots as others give them up, and those of a dead gateway return', () => {
  const { fleet, members, beat } = together([2, 2], 1);
  const [first] = members as [Member];
  first.waiting = 20;
  first.start();
  const second = new Member('gateway1', fleet);
  members.push(second);
  second.waiting = 20;
  beat();
  expect(second.busy).toBe(0);
  for (let round = 0; round < 4; round += 1) {
    first.finish(2);
    beat();
  }
  expect([first.busy, second.busy]).toEqual([2, 2]);
  members.splice(0, 1);
  second.finish(2);
  beat();
  expect(second.busy).toBe(4);
});
