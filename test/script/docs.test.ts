import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { scriptValues } from '../../src/script/values.js';
import { ARRAY, own, PATHS, render, specOf } from './specs.js';

const page = readFileSync(new URL('../../docs/templates.md', import.meta.url), 'utf8');
/** The first column of a section's table. */
const words = (section: string): string[] => {
  const text = page.slice(page.indexOf(`\n## ${section}`)).split('\n\n## ')[0] ?? '';
  return [...text.matchAll(/^\| (`.*?) \|/gm)].flatMap((row) =>
    [...(row[1] ?? '').matchAll(/`(\w+)`/g)].map((word) => word[1] ?? ''),
  );
};

test('docs/templates.md lists every value, and no other', () => {
  expect(words('Values').sort()).toEqual(Object.keys(scriptValues(specOf(), ARRAY, PATHS)).sort());
});

test('its example writes every key of a registration that it lists', () => {
  const example = /```bash\n(.*?)```/s.exec(page)?.[1] ?? '';
  const written = [...example.matchAll(/"(\w+)":/g)].map((key) => key[1]);
  expect([...new Set(written)].sort()).toEqual(words('What a template must do').sort());
  expect(render({}, { template: own(example) })).toContain('#SBATCH --exclusive');
});
