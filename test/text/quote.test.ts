import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bashQuote, quoteIfNeeded, shellQuote } from '../../src/text/quote.js';

const text = fc.oneof(
  // What no argument can hold: a NUL, and half of a surrogate pair.
  fc.string({ unit: 'grapheme' }).map((each) => each.replaceAll('\0', '')),
  fc.stringMatching(/^[-'"$`\\!*~\s\w]{0,20}$/),
);
const texts = fc.array(text, { minLength: 1, maxLength: 200 });

test.each([
  ['sh', shellQuote],
  ['bash', bashQuote],
  ['bash', quoteIfNeeded],
] as const)('%s reads every quoted text as it was (%o)', (shell, quote) => {
  fc.assert(
    fc.property(texts, (all) => {
      const script = `printf '%s\\0' ${all.map(quote).join(' ')}`;
      const printed = execFileSync(shell, ['-c', script], { encoding: 'utf8' });
      expect(printed).toBe(all.map((each) => `${each}\0`).join(''));
    }),
    { numRuns: 20 },
  );
});

test('a text for bash holds no raw carriage return, which sbatch refuses', () => {
  fc.assert(fc.property(text, (each) => !bashQuote(`${each}\r\n`).includes('\r')));
});

test('a plain word stays as it is where quotes are not needed', () => {
  expect(['--nodes=2', '/tmp/a_b', 'two words', ''].map(quoteIfNeeded)).toEqual([
    ...['--nodes=2', '/tmp/a_b', "'two words'", "''"],
  ]);
});
