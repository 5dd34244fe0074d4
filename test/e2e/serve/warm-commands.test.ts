import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunCodeRequest } from '../../../src/api/wire.js';
import { PLAIN_PATH } from './programs/plain.js';
import { type ServedCli, serveCli } from './server.js';
import './as-root.js';

let warm: ServedCli;
let cold: ServedCli;
beforeAll(async () => {
  const env = { PATH: PLAIN_PATH };
  [warm, cold] = await Promise.all([
    serveCli(['--warm', 'on'], { env }),
    serveCli(['--warm', 'off'], { env }),
  ]);
});
afterAll(async () => {
  await Promise.all([warm?.stop(), cold?.stop()]);
});

/** What a process has from whoever started it. The number of its parent tells the ways apart. */
const INHERITED = `echo $PPID
grep -E '^(Sig(Ign|Blk|Cgt)|Cap|NoNewPrivs|Seccomp|Uid|Gid|Groups|Threads)' /proc/self/status
grep -vE 'pending signals|msgqueue' /proc/self/limits
env; umask; nice; ls -a . /dev /dev/fd/; stat -c '%a %u %g %n' . *.sh; stat -c '%a %u %g %s %Y %n' *.txt deep/*; stat -c %a deep; cat /proc/self/oom_score_adj
[ "$(cut -d ' ' -f 6 /proc/$$/stat)" = $$ ] && echo a session of its own
readlink /proc/self/fd/0 | sed 's/[0-9]*//g'; cat`;

test.each<[string, Partial<RunCodeRequest>]>([
  ['with the limits of the server', {}],
  ['with limits of its own, and input', { memory_limit_MB: 300, run_timeout: 7, stdin: 'some\ninput' }],
])('a shell script in a sandbox that waited inherits what it does in one of its own, %s', async (_, more) => {
  const files = { 'a.txt': 'eA==', 'deep/b.bin': 'AP8K' };
  const ask = async (server: ServedCli) => {
    const { run_result } = await server.run({ language: 'bash', code: INHERITED, files, ...more });
    const text = run_result?.stdout?.replace(/tmp[a-z0-9_]{8}/g, 'NAME') ?? '';
    const [parent, ...rest] = text.split('\n');
    return { parent, rest, stderr: run_result?.stderr };
  };
  const [one, other] = [await ask(warm), await ask(cold)];
  expect([one.parent, other.parent]).toEqual(['0', '1']);
  expect(one.rest).toContain('a session of its own');
  expect(one.rest).toEqual(other.rest);
  expect([one.stderr, other.stderr]).toEqual(['', '']);
});

test('process 1 is none of the interpreters that a program looks for by name', async () => {
  const code = 'cat /proc/1/comm; pgrep python';
  const { run_result } = await warm.run({ language: 'bash', code });
  expect(run_result?.stdout).toBe('sandbox\n');
});

const PARENT: readonly [RunCodeRequest['language'], string, Partial<RunCodeRequest>?][] = [
  ['nodejs', 'console.log(process.ppid)'],
  // Node is told of the limit by a variable.
  ['nodejs', 'console.log(process.ppid)', { memory_limit_MB: 300 }],
  ['perl', 'print getppid(), "\\n"'],
];

test.each(PARENT)('%s needs no sandbox of its own: %s %o', async (language, code, more) => {
  const answer = await warm.run({ language, code, ...more });
  expect(answer).toMatchObject({ status: 'Success', run_result: { stdout: '0\n' } });
});

test('a source that was compiled before needs no sandbox of its own', async () => {
  const code = '#include <cstdio>\n#include <unistd.h>\nint main() { printf("%d\\n", getppid()); return 3; }';
  for (let round = 0; round < 2; round += 1) {
    const { run_result, compile_result } = await warm.run({ language: 'cpp', code, compile_timeout: 60 });
    expect(compile_result?.return_code).toBe(0);
    expect(run_result).toMatchObject({ stdout: '0\n', return_code: 3 });
  }
});

test('a program that ends by a signal, or starts nothing, ends so in a sandbox that waited', async () => {
  const ends = async (server: ServedCli, code: string) => {
    const { run_result } = await server.run({ language: 'bash', code });
    return [run_result?.return_code, run_result?.stdout];
  };
  for (const code of [
    'kill -9 $$',
    'kill -PIPE $$',
    'kill -64 $$',
    'exit 255',
    'yes | head -1',
    'exec /no',
  ]) {
    expect(await ends(warm, code)).toEqual(await ends(cold, code));
  }
});
