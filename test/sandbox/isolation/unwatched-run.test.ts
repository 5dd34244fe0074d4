import { expect, test } from 'vitest';
import { LiteRun } from '../../../src/sandbox/isolation/lite/run.js';
import type { OnText } from '../../../src/sandbox/isolation/lite/sandbox-process.js';
import type { Program } from '../../../src/sandbox/types.js';

const NONE = { bytes: Buffer.alloc(0), dropped: 0 };
const STREAMS = { stdout: NONE, stderr: NONE };
const LATER_MS = 10;

function programOf(runTimeout: number): Program {
  const limits = { compileTimeout: 10, runTimeout, latest: 60, memory: 2 ** 30, stack: null };
  return {
    ...{ folder: '/tmp/a', file: '/tmp/a/b.py', code: '', run: ['python', 'b.py'], stdin: null, env: {} },
    ...{ files: new Map(), fetch: [], limits },
  };
}

/** A run whose program ends when the test says so. */
function runOf(unwatchedMs: number, runTimeout = 10) {
  const watched: string[] = [];
  let end: () => void = () => undefined;
  const run = new LiteRun({
    program: programOf(runTimeout),
    groups: undefined,
    streams: { watch: () => watched.push('streams'), finish: () => ({ run: STREAMS, compile: undefined }) },
    start: (onText: OnText) => ({
      ended: new Promise((resolve) => {
        end = () => {
          onText('R\nEAH\n');
          resolve(undefined);
        };
      }),
      complaints: '',
      fetched: undefined,
      first: () => undefined,
      tree: () => [],
      watch: () => watched.push('sandbox'),
      kill: () => end(),
    }),
    unwatchedMs,
  });
  return { watched, end: () => end(), outcome: run.end(new AbortController().signal) };
}

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

test('a run that ends soon is not watched, and leaves no timer', async () => {
  const before = timers();
  const { watched, end, outcome } = runOf(60_000);
  expect(timers() - before).toBe(1);
  end();
  expect((await outcome).run?.code).toBe(7);
  expect(watched).toEqual([]);
  expect(timers() - before).toBe(0);
});

test('a longer one is watched after a moment', async () => {
  const { watched, end, outcome } = runOf(LATER_MS);
  expect(watched).toEqual([]);
  await expect.poll(() => watched).toEqual(['streams', 'sandbox']);
  end();
  expect((await outcome).run?.code).toBe(7);
});

test('one with a short time limit is watched at once', async () => {
  const { watched, end, outcome } = runOf(60_000, 0.05);
  expect(watched).toEqual(['streams', 'sandbox']);
  end();
  expect((await outcome).run?.code).toBe(7);
});

test('one that cannot even be spawned leaves no pipe open', () => {
  let finished = 0;
  const streams = {
    watch: () => undefined,
    finish: () => {
      finished += 1;
      return { run: STREAMS, compile: undefined };
    },
  };
  const start = () => {
    throw new Error('E2BIG');
  };
  expect(() => new LiteRun({ program: programOf(10), groups: undefined, streams, start })).toThrow('E2BIG');
  expect(finished).toBe(1);
});
