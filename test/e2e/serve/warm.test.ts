import { execFileSync } from 'node:child_process';
import { afterEach, expect, test } from 'vitest';
import { read } from '../../../src/sandbox/process/tree.js';
import type { ServedCli } from './server.js';
import './as-root.js';
import { until } from '../../support/until.js';
import { below, PARENT, parentIn, serveModules, serveWarm } from './warm-server.js';

const PLACE = '/usr/local/games';

let served: ServedCli | undefined;
afterEach(async () => {
  await served?.stop();
  served = undefined;
});

test('what is mounted on the machine while zygotes live does not come into the roots of their programs', async () => {
  served = await serveWarm(1, ['unshare', '--mount', '--propagation', 'shared', '--']);
  const machine = (...words: string[]) =>
    execFileSync('nsenter', [`--target=${served?.process.pid}`, '--mount', ...words]);
  machine('mount', '-t', 'tmpfs', '-o', 'mode=1777', 'later', PLACE);
  const code = `open('${PLACE}/mark', 'w')`;
  const { run_result } = await served.run({ language: 'python', code });
  expect(run_result?.stderr).toContain('Read-only file system');
  expect(machine('ls', PLACE).toString()).toBe('');
});

/** Only in a fork the parent is outside of the program's PID namespace. */
const LOOK = `import os
found = sorted((os.path.join(at, name), os.stat(os.path.join(at, name))) for at, _, names in os.walk(".") for name in names)
print(os.getppid() == 0, [(name, oct(stat.st_mode), stat.st_size, int(stat.st_mtime)) for name, stat in found if not name.endswith(".py")])`;

test('files of a request lie there in a warm run as in a cold one; those with unusual places make it cold', async () => {
  served = await serveWarm(1);
  const ask = async (files: Record<string, string>) =>
    (await served?.run({ language: 'python', code: LOOK, files }))?.run_result?.stdout;
  const plain = { 'a.txt': 'eA==', 'data/deep/b.bin': 'AP8K', empty: '' };
  const seen =
    "[('./a.txt', '0o100644', 1, 0), ('./data/deep/b.bin', '0o100644', 3, 0), ('./empty', '0o100644', 0, 0)";
  expect(await ask(plain)).toBe(`True ${seen}]\n`);
  expect(await ask({ ...plain, 'with a blank': 'eA==' })).toBe(
    `False ${seen}, ('./with a blank', '0o100644', 1, 0)]\n`,
  );
  expect(await ask({ ...plain, '../outside': 'eA==' })).toBe(`False ${seen}]\n`);
});

/** io_uring_setup, which this machine may lack or forbid. */
const HAS_BUFFERS = 'import ctypes; print(ctypes.CDLL(None).syscall(425, 1, bytes(120)) >= 0)';
/** Of pages that were there already: minflt of proc(5). Without what is copied at a fork, it takes 430. */
const FEW_FAULTS = "print(int(open('/proc/self/stat').read().split()[9]) < 250)";

test('pages that every program writes to have been copied when it begins', async () => {
  served = await serveWarm(1);
  const answer = await served.run({ language: 'python', code: FEW_FAULTS });
  expect(answer.run_result?.stdout).toBe(execFileSync('python3', ['-c', HAS_BUFFERS]).toString());
});

test('a program that gets no time prints nothing, however fast it could start', async () => {
  served = await serveWarm(1);
  const ask = () => served?.run({ language: 'python', code: 'print(1)', run_timeout: 0 });
  const answers = await Promise.all(Array.from({ length: 20 }, ask));
  const seen = answers.map((answer) => [answer?.run_result?.status, answer?.run_result?.stdout]);
  expect(seen).toEqual(Array(20).fill(['TimeLimitExceeded', '']));
});

test('limits of the server that are lower than those of programs hold for them, and do not make them cold', {
  tags: 'matrix',
}, async () => {
  const lower = 'ulimit -n 300; ulimit -f 500000; ulimit -t 90; exec "$@"';
  served = await serveWarm(1, ['sh', '-c', lower, 'sh']);
  const shown = 'echo $PPID $(ulimit -Sn) $(ulimit -Hn) $(ulimit -f) $(ulimit -t)';
  const { run_result } = await served.run({ language: 'bash', code: `set -o posix; ${shown}` });
  expect(run_result?.stdout).toBe('0 300 300 500000 90\n');
  expect(await parentIn(served)).toBe('0\n');
});

test('a program that uses up what the kernel counts for a user takes nothing from others', async () => {
  const server = await serveWarm(2);
  served = server;
  const queue = `import ctypes, os, signal, time
libc = ctypes.CDLL(None)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGRTMIN])
queued = 0
while libc.sigqueue(os.getpid(), int(signal.SIGRTMIN), ctypes.c_void_p(0)) == 0: queued += 1
print(queued, os.getppid(), flush=True)
`;
  const over = new AbortController();
  const first = server.run(
    { language: 'python', code: `${queue}time.sleep(600)`, run_timeout: 600 },
    over.signal,
  );
  const queued = (pid: number) => Number(/^SigQ:\t(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
  await until('it has used up its own', () =>
    below(server.process.pid ?? 0).some((pid) => queued(pid) >= 170),
  );
  const { run_result } = await server.run({ language: 'python', code: queue });
  over.abort();
  await expect(first).rejects.toThrow();
  expect(run_result?.stdout).toBe('170 0\n');
});

/** What each does when it is imported, what a program that imports it does then, and prints. */
const PRELOADED = {
  plain_set: ['x = 1', 'print(plain_set.x)', '1'],
  printing_set: ['print("imported")', 'print(2)', 'imported 2'],
  thread_set: [
    'import threading, time; threading.Thread(target=time.sleep, args=(60,), daemon=True).start()',
    'print(thread_set.threading.active_count())',
    '2',
  ],
  opening_set: [
    'f = open("/tmp/opened", "w")',
    'print(opening_set.f.write("text"), opening_set.f.flush())',
    '4 None',
  ],
  failing_set: ['raise RuntimeError("broken")', '', 'broken'],
  // No zygote must lose the signal to it that tells of the end of a program.
  c_thread_set: [
    'import ctypes; c = ctypes.CDLL(None); c.pthread_create(ctypes.byref(ctypes.c_ulong()), None, ctypes.cast(c.pause, ctypes.c_void_p), None)',
    'print(len(c_thread_set.ctypes.__name__))',
    '6',
  ],
} as const;

test('modules to preload: what one does at its import happens in the programs that import it, and nowhere else', async () => {
  const texts = Object.entries(PRELOADED).map(([name, [code]]) => [name, code]);
  const server = await serveModules({ ...Object.fromEntries(texts), missing_set: null });
  served = server;
  expect(server.stderr()).toContain('--preload: Python finds no module missing_set');
  const shown = async (code: string) => {
    const { run_result } = await server.run({ language: 'python', code });
    return run_result?.stdout?.trimEnd().split('\n').join(' ');
  };
  for (const [set, [, program, expected]] of Object.entries(PRELOADED)) {
    const code = `try:\n    import ${set}\n    ${program}\nexcept Exception as error: print(error)\n${PARENT}`;
    expect(await shown(code)).toBe(`${expected} 0`);
  }
  expect(await shown(`try: import missing_set\nexcept ImportError: print(3)\n${PARENT}`)).toBe('3 0');
  expect(await shown('"""\nimport printing_set\n"""\nprint(2)')).toBe('2');
});
