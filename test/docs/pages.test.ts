import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { workspace } from '../config/workspace.js';

const PAGES = ['README.md', ...readdirSync('docs').map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
);
const text = (page: string): string => readFileSync(page, 'utf8');

/** GitHub's anchor of a heading. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

test.each(PAGES)('every link of %s leads somewhere', (page) => {
  const links = [...text(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, to = '']) => to);
  const dead = links
    .filter((to) => !to.startsWith('https://'))
    .filter((to) => {
      const [path = '', fragment] = to.split('#');
      const target = path === '' ? page : join(dirname(page), path);
      if (!existsSync(target)) return true;
      if (fragment === undefined) return false;
      const headings = [...text(target).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchor(heading));
      return !headings.includes(fragment);
    });
  expect(dead).toEqual([]);
});

test('README names only npm scripts that there are', () => {
  const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> };
  const named = [...text('README.md').matchAll(/npm (?:run )?([a-z]+)/g)].map(([, name = '']) => name);
  const missing = named.filter((name) => !['install', 'ci'].includes(name) && !(name in scripts));
  expect(missing).toEqual([]);
});

test("README's configuration is one that is taken", async () => {
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(text('README.md')) ?? [];
  const { config } = await workspace().load({ project: yaml });
  expect(config).toMatchObject({ partition: 'cpuonly', nodes: 4 });
});
