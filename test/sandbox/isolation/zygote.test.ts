import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { LitePlan } from '../../../src/sandbox/isolation/plan.js';
import { Zygote } from '../../../src/sandbox/isolation/warm/zygote.js';
import { ZygoteLine } from '../../../src/sandbox/isolation/warm/zygote-line.js';

const made: string[] = [];
const started: Zygote[] = [];
afterEach(async () => {
  for (const each of started.splice(0)) {
    each.end('the test is over');
    await each.gone;
  }
  for (const each of made.splice(0)) rmSync(each, { recursive: true });
});

/** A shell script in the place of the interpreter. As boot.py, it has the zygote as a child. */
function zygoteOf(script: string): Zygote {
  const folder = mkdtempSync(join(tmpdir(), 'zygote-'));
  made.push(folder);
  const python = join(folder, 'python');
  writeFileSync(python, `#!/bin/sh\nexec 3<&0\n(exec <&3; ${script}) &\nwait\n`);
  chmodSync(python, 0o755);
  const plan: LitePlan = {
    ...{ isolation: 'lite', by: 'unshare', bwrap: '', visible: [], staged: [], network: false, user: null },
    ...{ keysListed: false, filtered: false, processLetter: null, python: null, env: {}, outputCap: 1 },
    ...{ tmpSize: 2 ** 20, memory: 2 ** 20, counts: { processes: 1, openFiles: 1, mostOpenFiles: 1 } },
    warm: { python, preload: [], ready: 1 },
  };
  const warm = { python, preload: [], ready: 1 };
  const zygote = new Zygote(
    { plan, warm, users: null, modules: [], folder: '/tmp/a', file: '/tmp/a/b.py' },
    1,
  );
  started.push(zygote);
  return zygote;
}

const never = new AbortController().signal;

test.each([
  ['nonsense', 'it answered nonsense'],
  ['slot 1 2 stdin=x', 'it answered slot 1 2 stdin=x'],
  ['slot 1 2 stdin=77', 'its pipes cannot be opened'],
  ['gone', 'it answered gone'],
])('a zygote that answers %j is ended at once', async (answer, why) => {
  const zygote = zygoteOf(`echo ready; read -r line; echo '${answer}'; sleep 1000`);
  await expect(zygote.take(never)).rejects.toThrow(`a zygote ended: ${why}`);
  expect((await zygote.gone).message).toBe(`a zygote ended: ${why}`);
});

test('a zygote that cannot make a sandbox for now goes on, and is asked again', async () => {
  const zygote = zygoteOf("echo ready; while read -r line; do echo 'none fork: no process left'; done");
  for (let round = 0; round < 2; round += 1)
    await expect(zygote.take(never)).rejects.toThrow('a zygote made no sandbox: fork: no process left');
  expect(zygote.alive).toBe(true);
});

test('a slot that nobody has asked for is nonsense too', async () => {
  const zygote = zygoteOf(`echo 'slot 1 2 stdin=0'; sleep 1000`);
  expect((await zygote.gone).message).toBe('a zygote ended: it answered slot 1 2 stdin=0');
});

test('a zygote that answers a line without end is ended before that fills the memory', async () => {
  const zygote = zygoteOf(`echo ready; while :; do printf '%01000d' 0; done`);
  expect((await zygote.gone).message).toBe('a zygote ended: it answered without end');
});

test('a zygote that ends tells why in its own words', async () => {
  const zygote = zygoteOf(`echo ready; read -r line; echo 'MemoryError' >&2; exit 1`);
  await expect(zygote.take(never)).rejects.toThrow('a zygote ended: MemoryError');
});

test('nobody waits for a slot that is not wanted any more, also not for the first of all', async () => {
  const gone = new AbortController();
  const taken = zygoteOf('sleep 1000').take(gone.signal);
  gone.abort(new Error('the client hung up'));
  await expect(taken).rejects.toThrow('the client hung up');
});

test('zygotes that start, and then fork nothing, are replaced after growing pauses, not for every run', async () => {
  let now = 0;
  let starts = 0;
  const start = () => {
    starts += 1;
    return zygoteOf('echo ready; read -r line; exit 1');
  };
  const line = new ZygoteLine({ start, now: () => now });
  const failed = async () => {
    line.zygote();
    await started.at(-1)?.gone;
    expect(line.zygote()).toBe(undefined);
  };
  await failed();
  expect(starts).toBe(1);
  for (const pause of [1000, 2000, 4000]) {
    now += pause - 1;
    expect(line.zygote()).toBe(undefined);
    now += 1;
    await failed();
  }
  expect(starts).toBe(4);
});
