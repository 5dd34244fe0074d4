import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { VERBS } from '../../src/cli/verbs.js';
import { envName } from '../../src/config/flags.js';
import { SETTINGS } from '../../src/config/settings.js';
import { inParts } from '../support/parts.js';
import { cli, onTerminal, sandboxctl } from './run.js';

const names = VERBS.map(({ name }) => name);

async function help(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await sandboxctl([...words, '--help']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

it('sandboxctl without arguments prints the help', async () => {
  const { code, stdout, stderr } = await sandboxctl([]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe(await help());
  await expect(stdout).toMatchFileSnapshot('help/sandboxctl.txt');
});

describe.each(names)('%s', (name) => {
  const words = name.split(' ');

  // The texts themselves are held by docs/commands.md (docs.test.ts).
  it('each command has a help text of at most 80 columns', async () => {
    const text = await help(...words);
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(text).toContain('\nGlobal flags:\n');
  });
});

// A command of two words first.
const twoWordsFirst = names.toSorted((a, b) => b.split(' ').length - a.split(' ').length);
for (const { rows, tags } of inParts(twoWordsFirst))
  it.each(rows)('%s has one help text, however it is asked for', { tags }, async (name) => {
    const words = name.split(' ');
    const text = await help(...words);
    expect((await sandboxctl([...words, '-h'])).stdout).toBe(text);
    expect((await sandboxctl(['help', ...words])).stdout).toBe(text);
  });

it.each(VERBS.map((verb) => [verb.name, verb] as const))('%s has a summary and an example', (_name, verb) => {
  expect(verb.summary).toMatch(/^[A-Z][a-z]+ .*[^.]$/);
  expect(verb.examples.length).toBeGreaterThan(0);
});

it.each([
  [60, 60],
  [200, 100],
])('on a terminal of %i columns help takes at most %i', async (columns, most) => {
  const { stdout } = await onTerminal(cli('config', 'show', '--help'), { columns });
  const widest = Math.max(...stdout.split(/\r?\n/).map((line) => line.length));
  expect(widest).toBeLessThanOrEqual(most);
});

it('help prints a page of the documentation as messages name it, and by its name alone if no command has it', async () => {
  const page = await readFile(new URL('../../docs/security.md', import.meta.url), 'utf8');
  for (const word of ['docs/security.md', 'security'])
    expect(await sandboxctl(['help', word])).toMatchObject({ code: 0, stdout: page });
  expect((await sandboxctl(['help', 'docs/gateway.md'])).stdout).toMatch(/^# /);
  expect((await sandboxctl(['help', 'gateway'])).stdout).toMatch(/^Usage: sandboxctl gateway/);
  for (const word of ['docs/nothing.md', '../package.json', 'docs/../package.json'])
    expect(await sandboxctl(['help', word])).toMatchObject({ code: 2, stdout: '' });
});

it('help exit-codes prints every code', async () => {
  const { code, stdout, stderr } = await sandboxctl(['help', 'exit-codes']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  await expect(stdout).toMatchFileSnapshot('help/topic-exit-codes.txt');
});

it('help environment names the variable of each setting', async () => {
  const { stdout } = await sandboxctl(['help', 'environment']);
  const named = SETTINGS.filter(({ key }) => stdout.includes(`  ${envName(key)} `));
  expect(named.length).toBe(SETTINGS.length);
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

it('help needs neither a home folder nor a configuration', async () => {
  const { code } = await sandboxctl(['config', 'show', '--help', '-c', '/nonexistent.yaml'], {
    env: { HOME: '', PATH: '/nonexistent' },
    cwd: '/',
  });
  expect(code).toBe(0);
});
