import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatAge, formatDuration, formatElapsed, parseDuration } from '../../src/text/duration.js';

test.each([
  ['90', 90],
  ['90s', 90],
  ['20m', 1200],
  ['1h30m', 5400],
  ['2d', 172_800],
  ['1d1h1m1s', 90_061],
  ['0', 0],
  ['', undefined],
  ['1h30', undefined],
  ['30m1h', undefined],
  ['1.5h', undefined],
  ['-5m', undefined],
  ['5 m', undefined],
  ['m', undefined],
  ['20M', undefined],
  ['1e3', undefined],
  ['99999999999', undefined],
])('the duration %j is read as %j seconds', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

test('a duration is written in as few units as it needs', () => {
  const written = ['0s', '59s', '1m', '1h30m', '20m', '2d'];
  expect([0, 59, 60, 5400, 1200, 172_800].map(formatDuration)).toEqual(written);
});

test('a duration that was written is read back', () => {
  fc.assert(
    fc.property(fc.nat(10 ** 9), (seconds) => {
      expect(parseDuration(formatDuration(seconds))).toBe(seconds);
    }),
  );
});

test('any text is read as whole seconds or as no duration', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9dhms-]{0,12}$/)), (text) => {
      const seconds = parseDuration(text);
      expect(seconds === undefined || Number.isSafeInteger(seconds)).toBe(true);
    }),
  );
});

test.each([
  [-5, '0s'],
  [12.4, '12s'],
  [299, '4m'],
  [7_500, '2h 5m'],
  [273_600, '3d 4h'],
])('an age of %d seconds is shown as %s', (seconds, text) => {
  expect(formatAge(seconds)).toBe(text);
});

test.each([
  [-5, '0:00'],
  [42_000, '0:42'],
  [725_000, '12:05'],
  [10_800_000, '3:00:00'],
])('%i ms of waiting are shown as %s', (ms, text) => {
  expect(formatElapsed(ms)).toBe(text);
});
