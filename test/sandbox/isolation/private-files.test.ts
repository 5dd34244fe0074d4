import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identityOf } from '../../../src/sandbox/isolation/host/look.js';
import { PrivateFiles } from '../../../src/sandbox/isolation/host/private-files.js';

let root: string;
let files: PrivateFiles;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sandboxctl-private-'));
  chmodSync(root, 0o755);
  mkdirSync(join(root, 'site/inner'), { recursive: true });
  execFileSync('mkfifo', [pipe()]);
  files = new PrivateFiles(() => 0);
  files.add({ path: root, depth: 9, seeks: 'homes' });
});
afterEach(() => {
  files.close();
  rmSync(root, { recursive: true });
});
const pipe = () => join(root, 'site/inner/pipe');

test('a folder in whose place a file lies now is forgotten with all below it', () => {
  expect(files.masks()).toEqual([pipe()]);
  rmSync(join(root, 'site'), { recursive: true });
  writeFileSync(join(root, 'site'), '');
  files.refresh(true);
  expect(files.masks()).toEqual([]);
});

test('a folder that somebody closes does not stop the server, and what lies below it is hidden when it opens again', () => {
  chmodSync(join(root, 'site'), 0);
  const own = process.geteuid?.();
  // Root sees it all the same.
  if (own === 0) process.seteuid?.(65_534);
  try {
    files.refresh(true);
    files.refresh(true);
  } finally {
    if (own === 0) process.seteuid?.(0);
  }
  chmodSync(join(root, 'site'), 0o755);
  files.refresh(true);
  expect(files.masks()).toEqual([pipe()]);
});

test('another file is told from the last one, also where it gets its number', () => {
  const seen = [1, 2, 3].map(() => {
    rmSync(pipe());
    execFileSync('mkfifo', [pipe()]);
    return identityOf(lstatSync(pipe()));
  });
  expect(new Set(seen).size).toBe(3);
});
