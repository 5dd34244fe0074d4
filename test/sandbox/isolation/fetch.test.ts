import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { fetchFiles } from '../../../src/sandbox/isolation/none/fetch.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandboxctl-fetch-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});
const never = new AbortController().signal;
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

test('fetch reads regular files up to its total limit', async () => {
  const paths = [
    write('a', '12345'),
    write('b', '678901'),
    write('c', '6789'),
    write('d', ''),
    write('e', '0'),
  ];
  const { files, filesDropped } = await fetchFiles(paths, never, 10);
  expect(filesDropped).toBe(6);
  expect([...files].map(([path, content]) => [path.slice(-1), String(content)])).toEqual([
    ['a', '12345'],
    ['c', '6789'],
    ['d', ''],
    ['e', '0'],
  ]);
});

test('fetch leaves out virtual files of the kernel and everything that is not a regular file', async () => {
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  symlinkSync('/proc/self/pagemap', join(folder, 'link'));
  const paths = [
    '/proc/self/pagemap',
    '/proc/self/environ',
    '/proc/kmsg',
    '/proc/version',
    '/dev/zero',
    '/dev/stdin',
  ];
  const others = [
    '/sys/kernel/mm/transparent_hugepage/enabled',
    folder,
    join(folder, 'pipe'),
    join(folder, 'link'),
  ];
  expect(await fetchFiles([...paths, ...others, '/no/such/file'], never)).toEqual({ files: new Map() });
});

test('fetch stops when the run is cancelled', async () => {
  const cancel = new AbortController();
  cancel.abort(new Error('the client hung up'));
  await expect(fetchFiles([write('a', '1')], cancel.signal)).rejects.toThrow('the client hung up');
});
