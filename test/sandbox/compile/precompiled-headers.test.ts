import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isRunning } from '../../../src/machine/pid.js';
import { endingWithThis, removedWithThis } from '../../../src/sandbox/compile/ends-with-server.js';
import { PrecompiledHeaders } from '../../../src/sandbox/compile/precompiled-headers.js';
import { until } from '../../support/until.js';

let place = '';
let headers: PrecompiledHeaders | undefined;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'headers-'));
});
afterEach(async () => {
  await headers?.close();
  headers = undefined;
  rmSync(place, { recursive: true, force: true });
});

/** A system of two small headers, one of which includes a third. */
function system(): { compiler: string[]; inner: string } {
  const folder = join(place, 'include');
  mkdirSync(join(folder, 'bits'), { recursive: true });
  const inner = join(folder, 'inner.h');
  writeFileSync(inner, 'int x;\n');
  writeFileSync(join(folder, 'iostream'), '#include "inner.h"\n');
  writeFileSync(join(folder, 'bits/stdc++.h'), 'int y;\n');
  return { compiler: ['g++', '-nostdinc', `-I${folder}`], inner };
}

test('headers are made again when a file that they include has changed, and are not used until then', async () => {
  let time = 0;
  headers = new PrecompiledHeaders({ now: () => time, place });
  const { compiler, inner } = system();
  for (const _ of [1, 2, 3, 4, 5]) expect(headers.folderFor(compiler)).toBeUndefined();
  await headers.settled();
  const folder = headers.folderFor(compiler) ?? '';
  const made = () => statSync(join(folder, 'iostream.gch')).ino;
  const first = made();
  writeFileSync(inner, 'int x; int z;\n');
  time = 9999;
  expect(headers.folderFor(compiler)).toBe(folder);
  time = 10_000;
  expect(headers.folderFor(compiler)).toBeUndefined();
  await headers.settled();
  expect(headers.folderFor(compiler)).toBe(folder);
  expect(made()).not.toBe(first);
  time = 20_000;
  expect(headers.folderFor(compiler)).toBe(folder);
});

/** Another process that starts `words` with a pipe which it holds, and tells their number. */
function holderOf(words: readonly string[]): ChildProcess {
  const code = `const child = require('node:child_process').spawn(process.argv[1], process.argv.slice(2),
    { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    console.log(child.pid); setInterval(() => {}, 1000)`;
  const [tool = '', ...args] = words;
  return spawn(process.execPath, ['-e', code, tool, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

test('a compiler ends with its server, however that ends, and so does what it has started', async () => {
  const pids = join(place, 'pids');
  const compiler = ['sh', '-c', 'sleep 1000 & echo $! >"$0.begun"; mv "$0.begun" "$0"; wait', pids];
  const server = holderOf(endingWithThis(compiler));
  try {
    await until('the compiler runs', () => existsSync(pids));
    const child = Number(readFileSync(pids, 'utf8'));
    expect(isRunning(child)).toBe(true);
    server.kill('SIGKILL');
    await until('it has ended', () => !isRunning(child));
  } finally {
    server.kill('SIGKILL');
  }
});

test('a compiler that comes to its end has its own exit code', async () => {
  const [tool = '', ...args] = endingWithThis(['sh', '-c', 'exit 3']);
  const child = spawn(tool, args, { detached: true });
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect(code).toBe(3);
});

test('the folder is removed when its server closes the pipe', async () => {
  const folder = join(place, 'sandboxctl-headers-1-x');
  mkdirSync(folder);
  const remover = removedWithThis(folder);
  remover.stdin?.end();
  await until('it is removed', () => !existsSync(folder));
});

/** Above all that Linux gives (PID_MAX_LIMIT of linux/threads.h). */
const NOBODY = 2 ** 22 + 1;

test('folders of servers that were killed are removed', async () => {
  const stale = ['a', 'b', 'c'].map((name) => join(place, `sandboxctl-headers-${NOBODY}-${name}`));
  for (const folder of stale) mkdirSync(folder);
  headers = new PrecompiledHeaders({ now: () => 0, place });
  expect(stale.filter((each) => existsSync(each))).toEqual([]);
});
