import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { childrenOf, read } from '../../../src/sandbox/process/tree.js';
import { MADE } from '../../support/paths.js';
import { until } from '../../support/until.js';
import './as-root.js';
import { membersIn, slotsIn, valueIn } from './cgroup-v2.js';
import { type OuterCgroup, outerCgroup } from './outer-cgroup.js';
import type { ServedCli } from './server.js';
import { sleepers, uniqueSleep } from './sleepers.js';
import { below, makerOf, parentIn, serveModules, serveWarm, zygoteOf } from './warm-server.js';

const MEGABYTE = 2 ** 20;
const LIMIT_MB = 64;
/** At once, so that nobody who looks from time to time sees less. */
const AT_ONCE = `held = bytearray(b"x" * (${LIMIT_MB} << 20))`;
const WHERE = 'print(open("/proc/self/cgroup").read(), end="", flush=True)';

const memory = (mb: number) => ['--max-memory', `${mb}M`];
/** Nothing is left in it. */
async function closed(held: OuterCgroup): Promise<void> {
  await until('all is gone', () => [...held.members(), ...held.groups()].length === 0);
  held.close();
}

describe('where memory is limited by cgroups of version 2, a warm run', () => {
  let held: OuterCgroup;
  let server: ServedCli;
  beforeAll(async () => {
    held = outerCgroup();
    server = await serveWarm(1, held.words, memory(200));
  });
  afterAll(async () => {
    await server.stop();
    await closed(held);
  });
  const python = (code: string, more: object = {}) => server.run({ language: 'python', code, ...more });

  test.each([
    ['in Python', 'python', WHERE],
    ['of a command', 'bash', 'cat /proc/self/cgroup'],
  ])('%s is born in a cgroup of its own', async (_, language, code) => {
    const { run_result } = await server.run({ language, code });
    expect(run_result?.stdout).toMatch(/\/zygote-\d+-\d+\/slot-\d+\n$/);
  });

  test('has its limit there, and its first process and zygote are elsewhere', async () => {
    const sleep = uniqueSleep();
    const code = `import os; os.system("sleep ${sleep}")`;
    const run = python(code, { memory_limit_MB: LIMIT_MB, run_timeout: 600 });
    const [sleeper] = await until('it runs', () => sleepers(sleep).length > 0 && sleepers(sleep));
    const place = read(`/proc/${sleeper}/cgroup`).trim().replace('0::', '/sys/fs/cgroup');
    expect(slotsIn(held)).toContain(place);
    expect(valueIn(place, 'memory.max')).toBe(LIMIT_MB * MEGABYTE);
    const shell = membersIn(place).filter((pid) => pid !== Number(sleeper));
    expect(shell.flatMap(childrenOf)).toContain(Number(sleeper));
    for (const pid of [zygoteOf(server), makerOf(server)]) expect(membersIn(place)).not.toContain(pid);
    process.kill(Number(sleeper));
    await run;
  });

  test.each([
    ['pages', AT_ONCE],
    ['a file in memory', `import os; os.write(os.memfd_create("a"), bytes(${LIMIT_MB} << 20))`],
    ['a file in /tmp', `open("/tmp/a", "wb").write(bytes(${LIMIT_MB} << 20))`],
    ['a file in /dev/shm', `open("/dev/shm/a", "wb").write(bytes(${LIMIT_MB} << 20))`],
    ['pages of a child', `import os\nif os.fork() == 0: ${AT_ONCE}\nos.wait()`],
  ])('is held to its limit from the first page: %s', async (_, code) => {
    const { run_result } = await python(`${code}\nprint("beyond")`, { memory_limit_MB: LIMIT_MB });
    expect(run_result).toMatchObject({ return_code: -9, stdout: '', sandboxctl: { killed: 'memory' } });
  });

  test('takes over nothing of the runs that had its cgroup before', async () => {
    const limits = [LIMIT_MB, 1, LIMIT_MB];
    for (const memory_limit_MB of [...limits, ...limits]) await python(AT_ONCE, { memory_limit_MB });
    await expect.poll(() => slotsIn(held).map((each) => valueIn(each, 'memory.max'))).not.toContain(MEGABYTE);
    for (let round = 0; round < limits.length; round += 1)
      expect(await python(`${AT_ONCE}\nprint("END")`)).toMatchObject({
        status: 'Success',
        run_result: { stdout: 'END\n' },
      });
    expect(slotsIn(held).length).toBeLessThan(limits.length * 2);
  });

  test('need not hold what it shares with its zygote', async () => {
    // Nearly all of its limit, and a zygote is larger than the rest.
    const code = 'held = b"x" * (26 << 20)\nimport time\ntime.sleep(1)\nprint("END")';
    const { run_result } = await python(code, { memory_limit_MB: 32 });
    expect(run_result).toMatchObject({ stdout: 'END\n', return_code: 0 });
  });

  test('has threads, signals and children as any other', async () => {
    const code = `import os, signal, threading, time
print(os.getpid() == threading.get_native_id() == threading.main_thread().native_id)
seen = []
signal.signal(signal.SIGUSR1, lambda *_: seen.append(threading.current_thread().name))
signal.raise_signal(signal.SIGUSR1)
signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)
thread = threading.Thread(target=lambda: print(os.getpid() != threading.get_native_id()))
thread.start(), thread.join()
child = os.fork()
if child == 0: os._exit(7)
print(seen, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))`;
    const { run_result } = await python(code);
    expect(run_result?.stdout).toBe("True\nTrue\n['MainThread', 'MainThread'] 7\n");
  });
});

describe('cgroups of warm runs', () => {
  let held: OuterCgroup;
  let served: ServedCli | undefined;
  beforeEach(() => {
    held = outerCgroup();
  });
  afterEach(async () => {
    await served?.stop();
    await closed(held);
  });

  /** With a program in it that waits. */
  async function busy(sleep: string): Promise<{ server: ServedCli; run: Promise<unknown> }> {
    const server = await serveWarm(1, held.words);
    served = server;
    const code = `import os; os.system("exec sleep ${sleep}")`;
    const run = server.run({ language: 'python', code, run_timeout: 600 }).catch(() => undefined);
    await until('it runs', () => sleepers(sleep).length > 0);
    return { server, run };
  }

  test('go with their zygote, launcher or server, however that ends', async () => {
    const { server, run } = await busy(uniqueSleep());
    const before = slotsIn(held);
    const zygote = zygoteOf(server);
    const launcher = childrenOf(server.process.pid ?? 0).find((pid) => below(pid).includes(zygote));
    if (launcher === undefined) throw new Error('there is no launcher');
    process.kill(zygote, 'SIGKILL');
    await expect.poll(() => slotsIn(held).filter((each) => before.includes(each))).toEqual([]);
    process.kill(launcher, 'SIGKILL');
    await run;
    await until('there is another', async () => (await parentIn(server)) === '0\n');
    const ofLauncher = () => held.groups().filter((each) => each.includes(`/zygote-${launcher}-`));
    await server.stop('SIGKILL');
    await expect.poll(ofLauncher).toEqual([]);
  });

  test('come later where a library wants to know of forks', async () => {
    const folder = mkdtempSync(`/opt/${MADE}${process.env.SANDBOXCTL_TEST_RUN}.handlers-`);
    // Where every user may read it.
    chmodSync(folder, 0o755);
    try {
      const library = join(folder, 'handlers.so');
      const source = '#include <pthread.h>\nvoid watch(void) { pthread_atfork(0, 0, watch); }\n';
      execFileSync('gcc', ['-shared', '-fPIC', '-x', 'c', '-', '-o', library], { input: source });
      const handlers = `import ctypes; ctypes.CDLL("${library}")`;
      served = await serveModules({ handlers }, held.words);
      // It may be in the other one by then, or not yet.
      const code = `import handlers, os, time\nprint(os.getppid())\n${WHERE}\n${AT_ONCE}\ntime.sleep(9)`;
      await until('its zygote is there', async () => (await parentIn(served as ServedCli)) === '0\n');
      const { run_result } = await served.run({ language: 'python', code, memory_limit_MB: LIMIT_MB });
      expect(run_result).toMatchObject({
        stdout: expect.stringMatching(/^0\n.*\/(zygote|run-\d+-\d+)\n$/),
        sandboxctl: { killed: 'memory' },
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
