import { setTimeout } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { isRunning } from '../../../src/machine/pid.js';
import { childrenOf, kill } from '../../../src/sandbox/process/tree.js';
import { until } from '../../support/until.js';
import { asUser, newUser, WITHOUT_BWRAP } from './as-root.js';
import { outerCgroup } from './outer-cgroup.js';
import type { ServedCli } from './server.js';
import { sleepers, uniqueSleep } from './sleepers.js';
import {
  below,
  makerOf,
  ONE_LAUNCHER,
  PARENT,
  parentIn,
  serveModules,
  serveWarm,
  zygoteOf,
  zygotesOf,
} from './warm-server.js';

const USER = newUser();

let served: ServedCli | undefined;
afterEach(async () => {
  await served?.stop();
  served = undefined;
});

test('a zygote that hangs is ended, however many programs come meanwhile', async () => {
  const server = await serveWarm(ONE_LAUNCHER);
  served = server;
  const run = () => server.run({ language: 'python', code: 'print(1)' });
  await run();
  const zygote = zygoteOf(server);
  process.kill(zygote, 'SIGSTOP');
  const runs: Promise<unknown>[] = [];
  while (isRunning(zygote)) {
    runs.push(run());
    // Again and again within the time that it has to answer.
    await setTimeout(1500);
  }
  await Promise.all(runs);
});

/** It goes on until it may end, and says who its parent is. */
/** In the first zygote: a module that few import would ask for another one, which may or may not be there by then. */
const WAITS = (sleep: string) => `${PARENT}\nif os.getppid() == 0: os.system("exec sleep ${sleep}")`;

test('a zygote that hangs while it has nothing to do but to tell of the end of a run is ended as well', {
  tags: 'matrix',
}, async () => {
  const server = await serveWarm(1);
  served = server;
  expect(await parentIn(server)).toBe('0\n');
  const sleep = uniqueSleep();
  const run = server.run({ language: 'python', code: WAITS(sleep), run_timeout: 600 });
  const [sleeper] = await until('it runs', () => sleepers(sleep).length > 0 && sleepers(sleep));
  const zygote = zygoteOf(server);
  process.kill(zygote, 'SIGSTOP');
  process.kill(Number(sleeper));
  expect(await run).toMatchObject({ status: 'Success', run_result: { stdout: '1\n', return_code: 0 } });
  expect(zygotesOf(server)).not.toContain(zygote);
});

test('a run whose zygote dies is run again, and so are the next until there is another', async () => {
  const server = await serveWarm(2);
  served = server;
  expect(await parentIn(server)).toBe('0\n');
  for (const find of [zygoteOf, makerOf]) {
    const sleep = uniqueSleep();
    const run = server.run({ language: 'python', code: WAITS(sleep) });
    await until('it runs', () => sleepers(sleep).length > 0);
    process.kill(find(server), 'SIGKILL');
    expect(await run).toMatchObject({ status: 'Success', run_result: { stdout: '1\n', return_code: 0 } });
    await until('there is another', async () => (await parentIn(server)) === '0\n');
  }
});

test('a sandbox that ends before the server has opened its pipes takes no other with it', {
  tags: 'matrix',
}, async () => {
  const server = await serveWarm(2);
  served = server;
  expect(await parentIn(server)).toBe('0\n');
  const sleep = uniqueSleep();
  const code = `${PARENT}\nif os.getppid() == 0: os.system("exec sleep ${sleep}")`;
  const other = server.run({ language: 'python', code, run_timeout: 600 });
  await until('it runs', () => sleepers(sleep).length > 0);
  const [zygote, maker] = [zygoteOf(server), makerOf(server)];
  const launcher = childrenOf(server.process.pid ?? 0).find((pid) => below(pid).includes(zygote));
  if (launcher === undefined) throw new Error('there is no launcher');
  const sandboxes = () => childrenOf(zygote).filter((pid) => pid !== maker);
  process.kill(maker, 'SIGSTOP');
  // The next one is asked for meanwhile.
  expect(await parentIn(server)).toBe('0\n');
  process.kill(launcher, 'SIGSTOP');
  try {
    const before = sandboxes();
    process.kill(maker, 'SIGCONT');
    const made = () => sandboxes().filter((pid) => !before.includes(pid));
    await until('it is made', () => made().length === 2);
    // The end of one of the two is that of the other.
    kill(made());
    await until('it has ended', () => made().length === 0);
  } finally {
    process.kill(launcher, 'SIGCONT');
  }
  expect(await parentIn(server)).toBe('0\n');
  for (const pid of sleepers(sleep)) process.kill(Number(pid));
  expect((await other).run_result?.stdout).toBe('0\n');
});

test('a run that what makes namespaces gives no slot runs cold, and it is replaced', {
  tags: 'matrix',
}, async () => {
  const server = await serveWarm(1);
  served = server;
  expect(await parentIn(server)).toBe('0\n');
  const [zygote, maker] = [zygoteOf(server), makerOf(server)];
  process.kill(maker, 'SIGSTOP');
  await until('no sandbox is left that was made before', async () => (await parentIn(server)) === '1\n');
  await until('there is another', async () => (await parentIn(server)) === '0\n');
  expect(zygoteOf(server)).not.toBe(zygote);
});

/** Fewer runs than any zygote serves. */
const LESS_THAN_A_ZYGOTE = 300;
/** It makes a zygote that has imported it grow by 5 MB for each program. */
const GROWING = `import os
held, pipe = [], os.pipe
def growing():
    held.append(bytearray(b"x" * (1 << 20)))
    return pipe()
os.pipe = growing`;

test('a zygote that grows is replaced, and the programs notice nothing', async () => {
  const server = await serveModules({ growing_set: GROWING });
  served = server;
  const code = `import growing_set, resource\n${PARENT}\nprint(resource.getrlimit(resource.RLIMIT_DATA))`;
  const shown = async () => {
    const { run_result } = await server.run({ language: 'python', code });
    // 1: where it runs cold.
    return run_result?.stdout?.replace(/^1/, '0');
  };
  const seen = new Set<number>();
  for (let runs = 0; runs < LESS_THAN_A_ZYGOTE && seen.size < 4; runs += 1) {
    expect(await shown()).toBe('0\n(-1, -1)\n');
    for (const pid of zygotesOf(server)) seen.add(pid);
  }
  // With the usual one, which does not grow.
  expect(seen.size).toBe(4);
});

async function killLaunchers(before: readonly string[]): Promise<void> {
  const held = outerCgroup();
  const server = await serveWarm(ONE_LAUNCHER, [...held.words, ...before]);
  served = server;
  expect(await parentIn(server)).toBe('0\n');
  const [sleep, other] = [uniqueSleep(), uniqueSleep()];
  const waits = (code: string, language = 'python') =>
    server.post({ language, code, run_timeout: 600, compile_timeout: 600 });
  const runs = [
    ...[1, 2, 3].map(() => waits(WAITS(sleep))),
    waits(`import os\nif os.fork() == 0: os.setsid()\nos.execvp("sleep", ["sleep", "${sleep}"])`),
    waits(`sleep ${other}`, 'bash'),
  ];
  await until('they run', () => sleepers(sleep).length === 5 && sleepers(other).length === 1);
  const members = held.members();
  for (const pid of childrenOf(server.process.pid ?? 0)) process.kill(pid, 'SIGKILL');
  for (const answer of await Promise.all(runs)) {
    expect(answer.headers.get('x-sandboxctl-infra-error')).toContain('a launcher ended: SIGKILL');
    expect(await answer.json()).toMatchObject({ status: 'SandboxError', run_result: null });
  }
  await expect
    .poll(() => held.members().filter((pid) => members.includes(pid)))
    .toEqual([String(server.process.pid)]);
  expect(await parentIn(server)).toBe('0\n');
  await expect.poll(() => held.groups().filter((each) => /\/run-[^/]*$/.test(each))).toEqual([]);
  await server.stop();
  await expect.poll(() => [...held.members(), ...held.groups()]).toEqual([]);
  held.close();
}

const KILLED =
  'where a launcher is killed, its runs are answered as failures of the sandbox, and nothing is left of them';
test(KILLED, () => killLaunchers([]));
test(`${KILLED}, as a user without bubblewrap`, { tags: 'matrix' }, () =>
  killLaunchers([...WITHOUT_BWRAP, ...asUser(USER)]),
);

test('a program that uses up the processes of the user who started the server ends no other', {
  tags: 'matrix',
}, async () => {
  const server = await serveWarm(3, ['prlimit', '--nproc=150', ...asUser(newUser())]);
  served = server;
  expect(await parentIn(server)).toBe('0\n');
  const [sleep, zygote] = [uniqueSleep(), zygoteOf(server)];
  const bomb = `import os, time
try:
    while os.fork(): pass
    time.sleep(600)
except BlockingIOError: os.execv("/bin/sleep", ["sleep", "${sleep}"])`;
  const over = new AbortController();
  const bombs = server.run({ language: 'python', code: bomb, run_timeout: 600 }, over.signal);
  await until('it has used them up', () => sleepers(sleep).length > 0);
  // Some have a sandbox that waited; none can be made for the others.
  for (let round = 0; round < 6; round += 1) await parentIn(server);
  over.abort();
  await expect(bombs).rejects.toThrow();
  await until('there are sandboxes again', async () => (await parentIn(server)) === '0\n');
  expect(zygoteOf(server)).toBe(zygote);
});
