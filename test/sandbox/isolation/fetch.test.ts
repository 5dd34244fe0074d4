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

test('ordinary files are read, as long as they fit together', async () => {
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

test('what the kernel makes while it is read is left out, and so is all that is no file', async () => {
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

test('a run that is cancelled reads no further', async () => {
  const cancel = new AbortController();
  cancel.abort(new Error('the client hung up'));
  await expect(fetchFiles([write('a', '1')], cancel.signal)).rejects.toThrow('the client hung up');
});
