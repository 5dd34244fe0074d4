import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkValues } from '../../src/config/schema.js';
import {
  formatSize,
  formatSlurmTime,
  parsePortRange,
  parseSize,
  parseSlurmTime,
  parseTimeLimit,
} from '../../src/config/units.js';

test.each([
  ['50M', 52_428_800],
  ['1G', 1_073_741_824],
  ['1g', 1_073_741_824],
  ['512K', 524_288],
  ['512KiB', 524_288],
  ['1TB', 1_099_511_627_776],
  ['100B', 100],
  ['0M', 0],
  ['50', undefined],
  ['1.5G', undefined],
  ['-1M', undefined],
  ['M', undefined],
  ['', undefined],
  ['1P', undefined],
  ['1iB', undefined],
  ['999999999T', undefined],
])('size %j is %j', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each([
  ['90', 5400],
  ['90:30', 5430],
  ['12:00:00', 43_200],
  ['1-12', 129_600],
  ['1-12:30', 131_400],
  ['4-00:00:00', 345_600],
  ['0:01', 1],
  ['0', 0],
  ['100:00:00', 360_000],
  ['UNLIMITED', null],
  ['infinite', null],
  ['', undefined],
  ['4d', undefined],
  ['-1', undefined],
  ['1-', undefined],
  ['1:2:3:4', undefined],
  ['1-1:2:3:4', undefined],
  ['NOT_SET', undefined],
  ['1.5', undefined],
  [' 5', undefined],
  ['1::2', undefined],
])('Slurm time %j is %j', (text, seconds) => {
  expect(parseSlurmTime(text)).toBe(seconds);
});

// As Slurm 22.05's sbatch takes or refuses them.
test.each([
  ['0', null],
  ['0:0', null],
  ['0-0', null],
  ['-1', null],
  ['UNLIMITED', null],
  ['Infinite', null],
  ['90', 5_400],
  ['1-', 86_400],
  ['1-2:30', 95_400],
  ['9999999999', 599_999_999_940],
  ['1d', undefined],
  ['60m', undefined],
  ['1:', undefined],
  ['1-2:', undefined],
  ['+10', undefined],
  ['-0:10', undefined],
  ['', undefined],
])('the time limit %j is %j', (text, seconds) => {
  expect(parseTimeLimit(text)).toBe(seconds);
});

test.each([
  ['8080-8179', { first: 8080, last: 8179 }],
  ['9000-9000', { first: 9000, last: 9000 }],
  ['9001-9000', undefined],
  ['0-80', undefined],
  ['60000-65536', undefined],
  ['8080', undefined],
  ['8080:8090', undefined],
  ['', undefined],
])('port range %j is %j', (text, range) => {
  expect(parsePortRange(text)).toEqual(range);
});

test('formats as a person would write it', () => {
  expect([52_428_800, 1024 ** 3, 1000, 0].map(formatSize)).toEqual(['50M', '1G', '1000B', '0B']);
  expect([345_600, 90_061, 0, null].map(formatSlurmTime)).toEqual([
    '4-00:00:00',
    '1-01:01:01',
    '0-00:00:00',
    'UNLIMITED',
  ]);
});

test('what is formatted is read back', () => {
  fc.assert(
    fc.property(fc.nat(10 ** 9), fc.nat(10 ** 8), (seconds, bytes) => {
      expect(parseSlurmTime(formatSlurmTime(seconds))).toBe(seconds);
      expect(parseSize(formatSize(bytes))).toBe(bytes);
    }),
  );
});

test('no text makes a parser throw or answer with anything but a whole number', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9dhmsKMG:-]{0,12}$/)), (text) => {
      for (const value of [parseSize(text), parseSlurmTime(text)]) {
        expect(value === undefined || value === null || Number.isSafeInteger(value)).toBe(true);
      }
    }),
  );
});

test.each([
  ['12h', '0-12:00:00'],
  ['4d', '4-00:00:00'],
  ['90', '90'],
  ['1-12', '1-12'],
])('the time limit %s is given to sbatch as %s', (text, sbatch) => {
  expect(checkValues({ time: text })).toEqual({ values: { time: sbatch }, issues: [] });
});
