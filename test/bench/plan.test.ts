import fc from 'fast-check';
import { expect, test } from 'vitest';
import { orderIn, roundsOf } from '../../src/bench/plan.js';
import { type Problem, runsOf } from '../../src/bench/problem.js';
import { leftOf, type Segment } from '../../src/bench/results.js';
import { problem } from './problems.js';

const problems = fc
  .array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 200 })
  .map((counts) => counts.map((count): Problem => problem({ cases: count })));

test('the rounds have every run once, in the order of the set, and no problem is in two', () => {
  fc.assert(
    fc.property(problems, fc.integer({ min: 1, max: 64 }), (all, concurrency) => {
      const rounds = roundsOf(all, concurrency);
      expect(rounds.flat()).toEqual(runsOf(all));
      const seen = rounds.flatMap((round) => [...new Set(round.map((run) => run.problem))]);
      expect(seen).toEqual([...new Set(seen)]);
      expect(rounds.every((round) => round.length > 0)).toBe(true);
    }),
  );
});

test('each method begins as many rounds as the others', () => {
  const methods = ['a', 'b', 'c'];
  const firsts = [0, 1, 2, 3, 4, 5].map((round) => orderIn(methods, round)[0]);
  expect(firsts.toSorted()).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
  for (const round of [0, 1, 2]) expect(orderIn(methods, round).toSorted()).toEqual(methods);
});

test('what a method has done is not done again', () => {
  const runs = runsOf([problem({ cases: 2 }), problem({ cases: 2 })]);
  const result = { verdict: 'accepted', detail: '', retries: 0, doubt: null, ms: 1 } as const;
  const segment = (method: string, at: number): Segment => ({
    ...{ method, round: 0, wallMs: 1, cpu: 0, peak: 0 },
    results: [{ ...(runs[at] as (typeof runs)[number]), ...result }],
  });
  const segments = [segment('lite', 1), segment('lite', 2), segment('none', 0)];
  expect(leftOf(runs, segments, 'lite')).toEqual([runs[0], runs[3]]);
  expect(leftOf(runs, segments, 'none')).toEqual(runs.slice(1));
});
