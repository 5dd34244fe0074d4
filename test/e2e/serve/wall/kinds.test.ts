import { expect, test } from 'vitest';
import { attemptsIn } from './kinds.js';

const namesIn = (mode: Parameters<typeof attemptsIn>[0]) =>
  attemptsIn(mode).flatMap(({ rows }) => rows.map(({ attempt }) => attempt.name));

test('the attacks on the sandbox have unique names', () => {
  const names = namesIn('bwrap');
  expect(new Set(names).size).toBe(names.length);
});

test('at least 300 attacks run: as root and as a user, with and without bubblewrap', () => {
  const isolated = 2 * (namesIn('bwrap').length + namesIn('unshare').length);
  expect(isolated + namesIn('none').length).toBeGreaterThanOrEqual(300);
});

test('the first attack of each kind runs in npm test', () => {
  for (const { rows } of attemptsIn('unshare')) expect(rows[0]?.tags).toEqual([]);
});
