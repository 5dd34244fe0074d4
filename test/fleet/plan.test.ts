import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planSubmissions, renderRanges } from '../../src/fleet/plan.js';

/** What `--array` means, as Slurm reads it. */
function readRanges(text: string): number[] {
  return text.split(',').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

function plan(instances: number[], maxArraySize: number) {
  let count = 0;
  return planSubmissions(instances, maxArraySize, () => `id${count++}`);
}

it.each([
  [[0], '0'],
  [[2, 5], '2,5'],
  [[0, 1, 2, 3], '0-3'],
  [[0, 1, 2, 5, 7, 8], '0-2,5,7-8'],
])('the instances %j are --array=%s', (numbers, text) => {
  expect(renderRanges(numbers)).toBe(text);
});

describe('the submissions of a plan', () => {
  it('are one array where all fit', () => {
    expect(plan([2, 0, 1], 1001)).toEqual([{ id: 'id0', instances: [0, 1, 2], array: '0-2', offset: 0 }]);
  });

  it('are arrays with an offset where they do not: tasks stay below MaxArraySize', () => {
    expect(plan([0, 1, 2, 3, 4, 7], 3)).toEqual([
      { id: 'id0', instances: [0, 1, 2], array: '0-2', offset: 0 },
      { id: 'id1', instances: [3, 4], array: '0-1', offset: 3 },
      { id: 'id2', instances: [7], array: '1', offset: 6 },
    ]);
  });

  it.each([0, 1])('are plain jobs where MaxArraySize is %i', (size) => {
    expect(plan([4, 2], size)).toEqual([
      { id: 'id0', instances: [2], array: null, offset: 2 },
      { id: 'id1', instances: [4], array: null, offset: 4 },
    ]);
  });

  it('are none for no instances', () => expect(plan([], 1001)).toEqual([]));

  it('cover each instance once', () => {
    const instances = fc.uniqueArray(fc.nat(200), { maxLength: 60 });
    fc.assert(
      fc.property(instances, fc.nat(70), (asked, maxArraySize) => {
        const plans = plan(asked, maxArraySize);
        const served = plans.flatMap(({ array, offset, instances: told }) => {
          const tasks = array === null ? [0] : readRanges(array);
          if (array !== null) expect(Math.max(...tasks)).toBeLessThan(maxArraySize);
          const meant = tasks.map((task) => task + offset);
          expect(meant).toEqual(told);
          return meant;
        });
        expect(served).toEqual([...asked].sort((a, b) => a - b));
        expect(new Set(plans.map(({ id }) => id)).size).toBe(plans.length);
      }),
    );
  });
});
