import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LANGUAGES } from '../../src/api/languages.js';
import { RECIPES } from '../../src/sandbox/languages/languages.js';
import { LIMITS } from '../../src/sandbox/limits/limits.js';
import { DIFFERS } from '../e2e/serve/recorded/differs.js';

const page = readFileSync('docs/compatibility.md', 'utf8');
const recorded = readFileSync('test/e2e/serve/recorded/sandboxfusion.json', 'utf8');
const { cases } = JSON.parse(recorded) as { cases: { name: string }[] };
const quoted = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);

test('the page names the recorded answers that are not compared, with the reasons that the test gives', () => {
  const [, section = ''] = page.split(/^## .*\n/m);
  const rows = [...section.matchAll(/^\| ([^|]+) \| (`[^|]+) \|$/gm)];
  const told = rows.flatMap(([, why = '', names = '']) => quoted(names).map((name) => [name, why]));
  expect(Object.fromEntries(told)).toEqual(DIFFERS);
});

test('each of them was recorded', () => {
  expect(Object.keys(DIFFERS).filter((name) => !cases.some((each) => each.name === name))).toEqual([]);
  expect(page).toContain('Sixty-one requests');
  expect(cases).toHaveLength(61);
});

test('the page names the languages that have no recipe here', () => {
  const without = LANGUAGES.filter((language) => RECIPES[language] === undefined && language !== 'sql');
  const row = page.split('\n').find((line) => line.includes('`csharp`')) ?? '';
  expect(quoted(row.split('|')[1] ?? '')).toEqual(without.toSorted());
});

test.each([
  `${LIMITS.processes} processes`,
  `${LIMITS.openFiles.toLocaleString('en')} open files`,
  `${LIMITS.files.toLocaleString('en')} files`,
])('the page tells the limit: %s', (limit) => {
  expect(page).toContain(limit);
});
