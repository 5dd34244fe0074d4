import { expect, test } from 'vitest';
import { CompileCache } from '../../../src/sandbox/compile/compile-cache.js';
import type { Isolation, Outcome, Program, StageEnd } from '../../../src/sandbox/types.js';

const PRODUCT = '/tmp/tmpsource/test';
const nothing = { bytes: Buffer.alloc(0), dropped: 0 };
const ended = (code: number | null): StageEnd => ({ code, seconds: 1, stdout: nothing, stderr: nothing });
const { signal } = new AbortController();

function program(key: string, changes: Partial<Program> = {}): Program {
  return {
    folder: '/tmp/tmpsource',
    file: '/tmp/tmpsource/code.cpp',
    code: key,
    compile: ['g++'],
    compiled: { key, product: PRODUCT, headers: undefined },
    run: ['./test'],
    stdin: 'its own',
    env: {},
    files: new Map([['/tmp/tmpsource/data', Buffer.from('data')]]),
    fetch: [],
    limits: { compileTimeout: 9, runTimeout: 9, latest: 9, memory: 1, stack: null },
    ...changes,
  };
}

/** A compiler whose program is the code and a number, in `size` bytes; `code` is its exit code. */
function sandbox({ code = 0, size = 10 }: { code?: number | null; size?: number } = {}) {
  const seen: Program[] = [];
  let time = 0;
  let hold: Promise<unknown> = Promise.resolve();
  const isolation = async (given: Program): Promise<Outcome> => {
    seen.push(given);
    await hold;
    const isCompiler = given.compile !== undefined;
    if (isCompiler && code !== 0) return { compile: ended(code), files: new Map() };
    const binary = Buffer.alloc(size, `${given.code} ${seen.length} `);
    const files = new Map(given.fetch.map((path) => [path, binary]));
    return { ...(isCompiler && { compile: ended(0) }), run: ended(0), files };
  };
  const cache = new CompileCache(isolation, () => time);
  return {
    isolation,
    cache,
    seen,
    compilers: () => seen.filter(({ compile }) => compile !== undefined).length,
    wait: (ms: number) => {
      time += ms;
    },
    holdUntil: (promise: Promise<unknown>) => {
      hold = promise;
    },
  };
}

test('a source is compiled once, without the program, and each run gets its binary', async () => {
  const { cache, seen, compilers } = sandbox();
  for (const stdin of ['a', 'b', 'c']) {
    const outcome = await cache.run(program('x', { stdin }), signal);
    expect(outcome).toMatchObject({ compile: { code: 0 }, run: { code: 0 } });
  }
  expect(compilers()).toBe(1);
  expect(seen[0]).toMatchObject({ run: ['/bin/true'], stdin: null, fetch: [PRODUCT] });
  expect(seen.slice(1).map(({ stdin, run, executable }) => [stdin, run, executable])).toEqual(
    ['a', 'b', 'c'].map((stdin) => [stdin, ['./test'], PRODUCT]),
  );
  const binaries = seen.slice(1).map(({ files }) => files.get(PRODUCT)?.toString());
  expect(new Set(binaries)).toEqual(new Set(['x 1 x 1 x ']));
  expect(seen[1]?.files.get('/tmp/tmpsource/data')?.toString()).toBe('data');
});

test('sources that come at the same time are compiled once', async () => {
  const { cache, compilers } = sandbox();
  const runs = Array.from({ length: 20 }, () => cache.run(program('x'), new AbortController().signal));
  expect((await Promise.all(runs)).map(({ run }) => run?.code)).toEqual(Array(20).fill(0));
  expect(compilers()).toBe(1);
});

test('another source is compiled by itself, and one without a key in the sandbox of its run', async () => {
  const { cache, seen, compilers } = sandbox();
  await cache.run(program('x'), signal);
  await cache.run(program('y'), signal);
  expect(compilers()).toBe(2);
  const { compiled: _, ...plain } = program('x');
  await cache.run(plain, signal);
  expect(seen.at(-1)).toBe(plain);
});

test('a compiler that fails is an answer to its caller alone: others run theirs', async () => {
  const { cache, compilers } = sandbox({ code: 1 });
  const outcomes = await Promise.all([cache.run(program('x'), signal), cache.run(program('x'), signal)]);
  expect(outcomes.map(({ compile, run }) => [compile?.code, run])).toEqual(Array(2).fill([1, undefined]));
  expect(compilers()).toBe(2);
});

test('a compiler that has something to say says it without precompiled headers', async () => {
  const { cache, seen } = sandbox({ code: 1 });
  const compiled = { key: 'x', product: PRODUCT, headers: '/headers' };
  expect(await cache.run(program('x', { compiled }), signal)).toMatchObject({ compile: { code: 1 } });
  expect(seen.map(({ compile, headers }) => [compile, headers])).toEqual([
    [['g++', '-I/tmp/.headers'], '/headers'],
    [['g++'], undefined],
  ]);
});

test('a compiler that comes to no end takes its time once', async () => {
  const { cache, seen } = sandbox({ code: null });
  const compiled = { key: 'x', product: PRODUCT, headers: '/headers' };
  expect(await cache.run(program('x', { compiled }), signal)).toMatchObject({ compile: { code: null } });
  expect(seen).toHaveLength(1);
});

test('what follows a compiler has only what is left of the time until its caller must have an answer', async () => {
  const { cache, seen, wait, holdUntil } = sandbox({ size: 9 * 2 ** 20 });
  let go = () => undefined as unknown;
  holdUntil(
    new Promise<void>((resolve) => {
      go = resolve;
    }),
  );
  const runs = [cache.run(program('x'), signal), cache.run(program('x'), signal)];
  wait(4000);
  go();
  await Promise.all(runs);
  expect(seen.map(({ limits }) => limits.latest)).toEqual([9, 5, 5]);
});

test('a caller that leaves does not take those along who wait for its compiler', async () => {
  const { cache, compilers, holdUntil } = sandbox();
  let fail = (_: Error) => undefined as unknown;
  holdUntil(
    new Promise((_, reject) => {
      fail = reject;
    }),
  );
  const first = cache.run(program('x'), signal);
  const second = cache.run(program('x'), signal);
  holdUntil(Promise.resolve());
  fail(new Error('gone'));
  await expect(first).rejects.toThrow('gone');
  expect(await second).toMatchObject({ run: { code: 0 } });
  expect(compilers()).toBe(2);
});

test('a caller that waits for a compiler of another can leave', async () => {
  const { cache, holdUntil } = sandbox();
  let go = () => undefined as unknown;
  holdUntil(
    new Promise<void>((resolve) => {
      go = resolve;
    }),
  );
  const first = cache.run(program('x'), signal);
  const caller = new AbortController();
  const second = cache.run(program('x'), caller.signal);
  caller.abort(new Error('hung up'));
  await expect(second).rejects.toThrow('hung up');
  go();
  expect(await first).toMatchObject({ run: { code: 0 } });
});

test('a caller with another limit of time does not wait for a compiler that has this one', async () => {
  const { cache, seen } = sandbox();
  const limits = { ...program('x').limits, compileTimeout: 2 };
  await Promise.all([cache.run(program('x'), signal), cache.run(program('x', { limits }), signal)]);
  const compilers = seen.filter(({ compile }) => compile !== undefined);
  expect(compilers.map(({ limits: { compileTimeout } }) => compileTimeout)).toEqual([9, 2]);
});

const TRACED = { flags: ['-MF', 'list'], env: { CLOCK: 'none' }, list: '/tmp/tmpsource/list' };

test.each([
  ['keeps what has read sources alone', 'test: code.cpp', 1],
  ['keeps nothing that has read more, and compiles it once from then on', 'test: code.cpp /proc/uptime', 3],
])('tracing %s', async (_, list, compilers) => {
  const { isolation, seen } = sandbox();
  const reading: Isolation = async (given) => {
    const outcome = await isolation(given);
    const listed = given.fetch.includes(TRACED.list) ? [[TRACED.list, Buffer.from(list)] as const] : [];
    return { ...outcome, files: new Map([...outcome.files, ...listed]) };
  };
  const cache = new CompileCache(reading, () => 0);
  const compiled = { key: 'x', product: PRODUCT, headers: undefined, tracing: TRACED };
  for (const _ of [1, 2]) {
    expect(await cache.run(program('x', { compiled }), signal)).toMatchObject({ run: { code: 0 } });
  }
  expect(seen[0]).toMatchObject({ compile: ['g++', '-MF', 'list'], env: TRACED.env });
  expect(seen.at(-1)?.env).toEqual({});
  expect(seen.filter(({ compile }) => compile !== undefined)).toHaveLength(compilers);
});

test('a binary is kept for ten minutes', async () => {
  const { cache, compilers, wait } = sandbox();
  await cache.run(program('x'), signal);
  wait(600_000);
  await cache.run(program('x'), signal);
  expect(compilers()).toBe(1);
  wait(1);
  await cache.run(program('x'), signal);
  expect(compilers()).toBe(2);
});

test('128 MB are kept, the latest used', async () => {
  const { cache, compilers } = sandbox({ size: 16 * 2 ** 20 });
  const keys = Array.from({ length: 8 }, (_, index) => `${index}`);
  for (const key of [...keys, '0', 'more', '0']) await cache.run(program(key), signal);
  expect(compilers()).toBe(9);
  await cache.run(program('1'), signal);
  expect(compilers()).toBe(10);
});

test('a program that is too large to be kept runs where it was compiled, and is compiled once from then on', async () => {
  const { cache, seen, compilers } = sandbox({ size: 16 * 2 ** 20 + 1 });
  for (const compiled of [2, 3, 4]) {
    expect(await cache.run(program('x'), signal)).toMatchObject({ run: { code: 0 } });
    expect(seen.at(-1)).toMatchObject({ compile: ['g++'], stdin: 'its own' });
    expect(compilers()).toBe(compiled);
  }
});
