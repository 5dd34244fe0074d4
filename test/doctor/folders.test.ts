import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { machineHere } from '../../src/doctor/gather/machine.js';
import { run } from '../../src/process/run.js';
import { folder } from '../endpoints/folder.js';

test('a folder can be made where only folders are on the way to it', async () => {
  const root = folder();
  mkdirSync(join(root, 'there'));
  writeFileSync(join(root, 'file'), '');
  const folders = new Map([
    ['temp', join(root, 'there')],
    ['images', join(root, 'there/new/deep')],
    ['state', join(root, 'file')],
    ['logs', join(root, 'file/below')],
  ] as const);
  const asked = { folders, ports: [], program: '/', registry: null, mark: null };
  const seen = await machineHere(run, process.env, asked, new AbortController().signal);
  const writable = [...seen.folders].filter((each) => each[1].writable).map(([role]) => role);
  expect(writable.sort()).toEqual(['images', 'temp']);
});
