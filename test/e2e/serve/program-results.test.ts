import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunCodeRequest } from '../../../src/api/wire.js';
import { inParts } from '../../support/parts.js';
import { COLD, WITHOUT_BWRAP } from './as-root.js';
import { type ServedCli, serveCli } from './server.js';
import { sleepers, uniqueSleep } from './sleepers.js';

const MB = 2 ** 20;
/** More than a busy machine needs, in the queue and out of it. */
const PATIENCE = { compile_timeout: 60, run_timeout: 60 };

/** How a run ends, and that all it printed arrives, is the same under each. */
const SERVERS = [
  { name: 'lite by bwrap', how: 'warm', args: ['--isolation', 'lite'], before: [] },
  { name: 'lite by bwrap', how: 'cold', args: ['--isolation', 'lite'], before: COLD },
  { name: 'lite by unshare', how: 'cold', args: ['--isolation', 'lite'], before: WITHOUT_BWRAP },
  { name: 'none', how: 'cold', args: ['--isolation', 'none'], before: [] },
];

for (const { rows, tags } of inParts(SERVERS))
  describe.each(rows)('$name, $how', { tags }, ({ name, args, before }) => {
    let served: ServedCli;
    beforeAll(async () => {
      served = await serveCli([...args, '--max-concurrency', '4', '--max-memory', '600M'], { before });
      expect(served.stderr()).toContain(`isolation ${name};`);
    });
    afterAll(async () => {
      await served?.stop();
    });

    async function run(request: Partial<RunCodeRequest>) {
      const { status, run_result } = await served.run({
        language: 'python',
        code: '',
        ...PATIENCE,
        ...request,
      });
      if (run_result == null) throw new Error('no program ran');
      return {
        answer: status,
        ...run_result,
        stdout: run_result.stdout ?? '',
        stderr: run_result.stderr ?? '',
      };
    }

    // The streams are read alike under both ways of lite.
    const lengths = before.length > 0 ? [150 * 1024] : [64 * 1024, 150 * 1024, MB, 64 * MB];
    test.each(lengths)('%i bytes arrive whole', async (length) => {
      const ended = await run({
        code: `import sys\nsys.stdout.write("0123456789abcde\\n" * ${length / 16})`,
      });
      expect(ended).toMatchObject({ answer: 'Success', return_code: 0, stderr: '' });
      // Not compared by expect, whose message would show them.
      expect(ended.stdout.length).toBe(length);
      expect(ended.stdout === '0123456789abcde\n'.repeat(length / 16)).toBe(true);
      expect(ended).not.toHaveProperty('sandboxctl');
    });

    test('stdout and stderr arrive complete when written in small alternating pieces', {
      tags: 'matrix',
    }, async () => {
      const code = `import os
for _ in range(4096):
    os.write(1, b"o" * 256)
    os.write(2, b"e" * 256)`;
      const { stdout, stderr } = await run({ code });
      expect([stdout === 'o'.repeat(MB), stderr === 'e'.repeat(MB)]).toEqual([true, true]);
    });

    test('the output of a compiler arrives complete', { tags: 'matrix' }, async () => {
      const code = `#warning ${'w'.repeat(150_000)}\nint main(){return 3;}`;
      const { compile_result, run_result } = await served.run({ language: 'cpp', code, ...PATIENCE });
      expect(compile_result?.stderr?.length).toBeGreaterThan(150_000);
      expect(run_result?.return_code).toBe(3);
    });

    test('output past the cap is cut, counted and reported', { tags: 'matrix' }, async () => {
      const ended = await run({ code: `import os\nfor _ in range(66): os.write(1, b"x" * ${MB})` });
      expect(ended).toMatchObject({ answer: 'Success', sandboxctl: { stdout_dropped: 2 * MB } });
      expect(ended.stdout.length).toBe(64 * MB);
    });

    test('output that is not UTF-8 is returned as bytes beside the text', async () => {
      const ended = await run({ code: 'import os\nos.write(1, bytes(range(256)))\nos.write(2, b"good")' });
      expect(ended.stdout).toMatch(/^\[DecodeError\] 'utf-8' codec can't decode byte 0x80 in position 128/);
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      expect(ended).toMatchObject({
        stderr: 'good',
        sandboxctl: { stdout_base64: bytes.toString('base64') },
      });
    });

    test.each([
      ['memory of its own', 'held = []\nwhile True: held.append(bytearray(b"x" * (4 << 20)))'],
      [
        'memory of its children',
        'import os\nfor _ in range(40): os.fork() or bytearray(b"x" * (64 << 20)) and time()',
      ],
    ])('a program killed for %s is told from one that crashed', async (_, bomb) => {
      const code = `import time as t\ndef time(): t.sleep(600)\n${bomb}\ntime()`;
      expect(await run({ code })).toMatchObject({
        answer: 'Failed',
        status: 'Finished',
        return_code: -9,
        sandboxctl: { killed: 'memory' },
      });
    });

    test.each([
      ['kills itself', 'import os\nos.kill(os.getpid(), 9)', -9],
      ['breaks memory', 'import ctypes\nctypes.string_at(0)', -11],
      ['aborts', 'import os\nos.abort()', -6],
      ['exits with 137', 'raise SystemExit(137)', 137],
      ['is refused memory', 'bytearray(1 << 60)', 1],
    ])('a program that %s is no memory kill', async (_, code, expected) => {
      const ended = await run({ code, memory_limit_MB: 200 });
      expect(ended).toMatchObject({ answer: 'Failed', status: 'Finished', return_code: expected });
      expect(ended).not.toHaveProperty('sandboxctl');
    });

    test('a timeout kills the whole process tree and keeps the output', async () => {
      const sleep = uniqueSleep();
      const code = `trap '' TERM\nsetsid sleep ${sleep} &\n(sleep ${sleep} &)\necho begun\nsleep ${sleep}`;
      const ended = await run({ language: 'bash', code, run_timeout: 1 });
      expect(ended).toMatchObject({ status: 'TimeLimitExceeded', return_code: null, stdout: 'begun\n' });
      await expect.poll(() => sleepers(sleep)).toEqual([]);
    });

    test('a compiler that exceeds its timeout is killed and no program runs', async () => {
      // Two instances for each, 24 deep: for minutes, and of little memory meanwhile.
      const code = `template <long N, int D> struct T { static const long v = T<2*N, D-1>::v + T<2*N+1, D-1>::v; };
template <long N> struct T<N, 0> { static const long v = 1; };
int main() { return T<1, 24>::v; }`;
      const { status, compile_result, run_result } = await served.run({
        ...{ language: 'cpp', code, compile_timeout: 0.3, run_timeout: 10 },
      });
      expect({ status, run_result }).toEqual({ status: 'Failed', run_result: null });
      expect(compile_result).toMatchObject({ status: 'TimeLimitExceeded', return_code: null });
    });

    test('a daemon does not outlive the program that started it', { tags: 'matrix' }, async () => {
      const sleep = uniqueSleep();
      const ended = await run({
        language: 'bash',
        code: `setsid sleep ${sleep} >/dev/null 2>&1 &\necho done`,
      });
      expect(ended).toMatchObject({ answer: 'Success', stdout: 'done\n' });
      await expect.poll(() => sleepers(sleep)).toEqual([]);
    });

    test('a run ends when its client disconnects', { tags: 'matrix' }, async () => {
      const sleep = uniqueSleep();
      const gone = new AbortController();
      const asked = served.run(
        { language: 'bash', code: `sleep ${sleep} & setsid sleep ${sleep} & wait`, run_timeout: 600 },
        gone.signal,
      );
      const hungUp = expect(asked).rejects.toThrow('aborted');
      await expect.poll(() => sleepers(sleep).length).toBe(2);
      gone.abort();
      await hungUp;
      await expect.poll(() => sleepers(sleep)).toEqual([]);
      await expect.poll(() => served.stderr()).toContain('"end":"cancelled"');
    });

    test('a program gets an environment of its own and nothing of the server’s', async () => {
      const { stdout } = await run({ code: 'import json, os\nprint(json.dumps(dict(os.environ)))' });
      const env = JSON.parse(stdout) as Record<string, string>;
      const given = ['HOME', 'LANG', 'OMP_NUM_THREADS', 'PATH', 'SHLVL'];
      const shell = ['LC_CTYPE', 'OLDPWD', 'PWD', '_'];
      const folder = name === 'none' ? ['SANDBOXCTL_RUN', 'TMPDIR'] : [];
      expect(
        Object.keys(env)
          .filter((key) => !shell.includes(key))
          .sort(),
      ).toEqual([...given, ...folder].sort());
      expect(env.HOME).toMatch(name === 'none' ? /^\/tmp\/tmp\w{8}$/ : /^\/tmp$/);
    });

    test('names too long for a command line are the request’s fault, not the sandbox’s', async () => {
      const name = (index: number) => `${'n'.repeat(200)}${index}.jar`;
      const jars = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [name(index), '']));
      const answer = await served.post({ language: 'java', code: 'class Main {}', files: jars, ...PATIENCE });
      expect([answer.status, answer.headers.get('x-sandboxctl-infra-error')]).toEqual([200, null]);
      expect(await answer.json()).toMatchObject({ status: 'SandboxError', message: /too long/i });
    });
  });
