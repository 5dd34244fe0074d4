import fc from 'fast-check';
import { expect, test } from 'vitest';
import { journalHead, parseJournal, segmentLine } from '../../src/bench/journal.js';
import { VERDICTS } from '../../src/bench/problem.js';
import { type Segment, withoutRepeats } from '../../src/bench/results.js';

const count = fc.nat({ max: 1000 });
const segment = fc.record({
  method: fc.string(),
  round: count,
  wallMs: count,
  cpu: fc.option(count),
  peak: fc.option(count),
  results: fc.array(
    fc.record({
      problem: count,
      testCase: count,
      verdict: fc.constantFrom(...VERDICTS),
      ms: count,
      detail: fc.string({ unit: 'grapheme' }),
      retries: count,
      doubt: fc.constantFrom('contended' as const, 'unproven' as const, null),
    }),
  ),
});

test('what was written is read, also where the last line was cut', () => {
  fc.assert(
    fc.property(
      fc.array(segment, { minLength: 1 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (all, share) => {
        const lines = all.map((each: Segment) => segmentLine(each));
        const text = journalHead('b', '2026-01-01') + lines.join('');
        expect(parseJournal(text, 'b')).toEqual({ startedAt: '2026-01-01', segments: all });
        const last = lines.at(-1) ?? '';
        const cut = text.slice(0, text.length - last.length + Math.floor(last.length * share));
        expect(parseJournal(cut, 'b')?.segments).toEqual(all.slice(0, -1));
      },
    ),
  );
});

test('the journal of another bench is none', () => {
  expect(parseJournal(journalHead('a', ''), 'b')).toBeUndefined();
  expect(parseJournal('', 'b')).toBeUndefined();
  expect(parseJournal('nonsense\n', 'b')).toBeUndefined();
});

test('two benches at once: what both have done counts once', () => {
  const done = (method: string, ...problems: number[]): Segment => ({
    ...{ method, round: 0, wallMs: 1, cpu: null, peak: null },
    results: problems.map((problem) => ({
      ...{ problem, testCase: 0, verdict: 'accepted' as const, ms: 1, detail: '', retries: 0, doubt: null },
    })),
  });
  const [first, other, next] = [done('lite', 0, 1), done('warm', 0, 1), done('lite', 2)];
  expect(withoutRepeats([first, other, done('lite', 1), first, next])).toEqual([first, other, next]);
});
