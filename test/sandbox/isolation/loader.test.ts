import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loader } from '../../../src/sandbox/isolation/lite/loader.js';
import { seccompFilter } from '../../../src/sandbox/isolation/lite/seccomp.js';

const filter = seccompFilter(process.arch, false) ?? Buffer.alloc(0);
/** It mounts: only ever in a mount namespace of its own. */
const APART = ['--user', '--map-root-user', '--mount', '--'];

let folder: string;
let path: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'loader-'));
  path = join(folder, 'loader');
  writeFileSync(path, loader(process.arch, filter) ?? '');
  chmodSync(path, 0o755);
});

afterAll(() => rmSync(folder, { recursive: true }));

test('the loader executes a program with the filter, without capabilities, and with its arguments and environment', () => {
  const words = [
    '/bin/sh',
    '-c',
    'echo "$1 $VARIABLE"; cat /proc/keys; grep -E "^(Cap|NoNewPrivs|Seccomp:)" /proc/self/status',
  ];
  const out = execFileSync('unshare', [...APART, path, ...words, 'sh', 'one two'], {
    env: { PATH: process.env.PATH, VARIABLE: 'three' },
    encoding: 'utf8',
  });
  const [first, ...status] = out.trim().split('\n');
  expect(first).toBe('one two three');
  const values = Object.fromEntries(status.map((line) => line.split(/:\s+/)));
  const none = '0'.repeat(16);
  expect(values).toEqual({
    ...{ CapInh: none, CapPrm: none, CapEff: none, CapBnd: none, CapAmb: none },
    ...{ NoNewPrivs: '1', Seccomp: '2' },
  });
});

test('the loader starts nothing if the kernel refuses the filter', () => {
  const broken = join(folder, 'broken');
  // An instruction that there is not.
  writeFileSync(broken, loader(process.arch, Buffer.alloc(8, 0xff)) ?? '', { mode: 0o755 });
  const { status, stdout, stderr } = spawnSync('unshare', [...APART, broken, '/bin/echo', 'begun'], {
    encoding: 'utf8',
  });
  expect({ status, stdout, stderr }).toEqual({
    status: 126,
    stdout: '',
    stderr: 'cannot put the seccomp filter on\n',
  });
});

test('the loader reports a missing program', () => {
  expect(spawnSync('unshare', [...APART, path, '/nonexistent']).status).toBe(127);
});

test('there is no loader for an unknown architecture', () => {
  expect(loader('ppc64', filter)).toBeUndefined();
  expect(loader('arm64', filter)?.readUInt16LE(18)).toBe(183);
});
