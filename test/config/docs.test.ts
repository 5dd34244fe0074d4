import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configPage, exampleYaml } from '../../src/config/docs.js';
import { SETTINGS } from '../../src/config/settings.js';
import { workspace } from './workspace.js';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test.each([
  ['docs/config.md', configPage],
  ['templates/config/sandboxctl.yaml', exampleYaml],
])('%s is up to date (else: npm run docs)', (path, made) => {
  expect(read(path)).toBe(made());
});

test('the example holds as it is, and changes nothing', async () => {
  const example = read('templates/config/sandboxctl.yaml');
  const { origins } = await workspace().load({ project: example });
  expect(new Set(Object.values(origins))).toEqual(new Set(['default']));
});

test('the example holds with every key switched on, and has every key', async () => {
  const on = read('templates/config/sandboxctl.yaml').replace(/^#(?=\w+: )/gm, '');
  const { origins } = await workspace().load({ project: on });
  expect(Object.values(origins).filter((origin) => !origin.includes('sandboxctl.yaml:'))).toEqual([]);
});

test('what the example shows as a default is the default', async () => {
  const on = read('templates/config/sandboxctl.yaml').replace(/^#(?=\w+: )/gm, '');
  const [example, defaults] = [await workspace().load({ project: on }), await workspace().load()];
  for (const setting of SETTINGS) {
    if ('example' in setting) continue;
    expect([setting.key, example.config[setting.key]]).toEqual([setting.key, defaults.config[setting.key]]);
  }
});

test('every setting without a default shows an example', () => {
  const bare = SETTINGS.filter(
    (row) => (row.default === null || Array.isArray(row.default)) && !('example' in row),
  );
  expect(bare).toEqual([]);
});
