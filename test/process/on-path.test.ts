import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findOnPath } from '../../src/process/on-path.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandboxctl-path-'));
  await mkdir(join(folder, 'first', 'tool'), { recursive: true });
  for (const name of ['second', 'third', 'fourth']) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'tool'), '');
  }
  for (const name of ['third', 'fourth']) await chmod(join(folder, name, 'tool'), 0o755);
});

afterAll(() => rm(folder, { recursive: true }));

test('the first executable file on PATH is found, past folders and files that cannot run', async () => {
  const path = [
    '',
    'third',
    join(folder, 'missing'),
    ...['first', 'second', 'third', 'fourth'].map((name) => join(folder, name)),
  ];
  expect(await findOnPath('tool', { PATH: path.join(':') })).toBe(join(folder, 'third', 'tool'));
});

test('nothing is found without a PATH or off it', async () => {
  expect(await findOnPath('tool', {})).toBeNull();
  expect(await findOnPath('tool', { PATH: join(folder, 'second') })).toBeNull();
});
