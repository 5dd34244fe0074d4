import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { recordedOutcomes } from './outcomes.js';
import { verdictsPage } from './page.js';
import { ROWS } from './rows.js';
import { breachesOf, EXCEPTIONS } from './rule.js';

const outcomes = recordedOutcomes();

test('every row was recorded, and no other', () => {
  expect(Object.keys(outcomes).toSorted()).toEqual(ROWS.map(({ name }) => name).toSorted());
});

test('every cell is right, or an error where the client has any, but for those with a reason', () => {
  const rows = new Set(breachesOf(outcomes).map(({ row }) => row));
  expect([...rows].toSorted()).toEqual(Object.keys(EXCEPTIONS).toSorted());
});

test('docs/verdicts.md is up to date (else: npm run docs)', () => {
  expect(readFileSync('docs/verdicts.md', 'utf8')).toBe(verdictsPage(outcomes));
});
