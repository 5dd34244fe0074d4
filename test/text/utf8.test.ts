import { expect, test } from 'vitest';
import { strictText } from '../../src/text/utf8.js';

test.each(['', 'plain', '\ufeffwith a mark', 'é\u{1f600}\ufffd', 'NUL\0'])('%j stays as it is', (text) => {
  expect(strictText(Buffer.from(text))).toBe(text);
});

test.each([
  [[0xff], 'byte 0xff at offset 0'],
  [[0x61, 0xc3, 0xa9, 0xe9, 0x0a], 'byte 0xe9 at offset 3'],
  [[0x61, 0xe2, 0x82], 'byte 0xe2 at offset 1'],
])('%j is refused, and where', (bytes, words) => {
  expect(() => strictText(Buffer.from(bytes))).toThrow(`not UTF-8: ${words}`);
});
