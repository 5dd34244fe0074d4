import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readsBeyondSources, tracingOf } from '../../../src/sandbox/compile/tracing.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracing-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function compile(code: string) {
  const file = join(folder, 'main.cpp');
  writeFileSync(file, code);
  writeFileSync(join(folder, 'own.h'), '#define OWN 1\n');
  const { flags, env, list = '' } = tracingOf('cpp', file) ?? { flags: [], env: {} };
  const words = [file, '-o', 'test', ...flags];
  const { status, stderr } = spawnSync('g++', words, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status, stderr, list: status === 0 ? readFileSync(list) : undefined };
}

test.each([
  ['nothing but the system and the request', '#include <vector>\n#include "own.h"\n', false],
  ['a file of the kernel', 'int x =\n#include "/sys/kernel/uevent_seqnum"\n;', true],
  [
    'one that it goes to from a folder of the system',
    'int x =\n#include "/usr/include/../../sys/kernel/uevent_seqnum"\n;',
    true,
  ],
])('a compiler lists what it has read: %s', (_, includes, beyond) => {
  const { status, list } = compile(`${includes}\nint main() {}`);
  expect(status).toBe(0);
  expect(readsBeyondSources(list, folder)).toBe(beyond);
});

test.each(['__DATE__', '__TIME__', '__TIMESTAMP__'])('%s is an error without a clock', (clock) => {
  const code = `#pragma GCC diagnostic ignored "-Wdate-time"\nconst char *built = ${clock};\nint main() {}`;
  expect(compile(code)).toMatchObject({ status: 1, stderr: expect.stringContaining('SOURCE_DATE_EPOCH') });
});

test('without a list, a compiler may have read anything; behind links, .. leads anywhere', () => {
  expect(readsBeyondSources(undefined, '/tmp/tmpsource')).toBe(true);
  const list = Buffer.from('test: a.cpp /usr/bin/X11/../../dev/urandom');
  expect(readsBeyondSources(list, '/tmp/tmpsource')).toBe(true);
});
