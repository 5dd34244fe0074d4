import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable, printableLines } from '../src/errors.js';

const CONTROL = /(?!\t)\p{Cc}|\u2028|\u2029|\p{Bidi_Control}/u;

test('a line shows control characters, and what turns the direction of text, as escapes', () => {
  expect(printable('\u001b]0;PWNED\u0007\u001b[31m\nforged\r\u009b2J\u202e\ttab é 漢 🙂')).toBe(
    '\\u001b]0;PWNED\\u0007\\u001b[31m forged \\u009b2J\\u202e\ttab é 漢 🙂',
  );
});

test('whatever the words, no control character is left, and JSON stays the same value', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(printable(text)).not.toMatch(CONTROL);
      expect(printableLines(text).replaceAll('\n', '')).not.toMatch(CONTROL);
      expect(JSON.parse(printable(JSON.stringify({ text })))).toEqual({ text });
    }),
  );
});
