import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { asUser, newUser } from './as-root.js';
import { type OuterCgroup, outerCgroup } from './outer-cgroup.js';
import { type ServedCli, serveCli } from './server.js';
import { uniqueSleep } from './sleepers.js';

/** Megabytes that each of the two takes: together they are beyond the limit, and neither is alone. */
const CHILD = `
import os, sys, time
def take():
    held = bytearray(b"x" * (120 << 20))
    time.sleep(600)
time.sleep(0.5)
pid = os.fork()
if pid == 0: take()
_, status = os.waitpid(pid, 0) if os.fork() else take()
sys.exit(0)`;
const PATIENCE = { compile_timeout: 60, run_timeout: 60 };

let held: OuterCgroup;
let served: ServedCli | undefined;
beforeEach(() => {
  held = outerCgroup();
});
afterEach(async () => {
  await served?.stop();
  await expect.poll(() => [...held.members(), ...held.groups()]).toEqual([]);
  held.close();
});

describe.each(['lite', 'none'])('root may make cgroups: under isolation %s', (isolation) => {
  beforeEach(async () => {
    const args = ['--isolation', isolation, '--max-memory', '200M', '--max-concurrency', '2'];
    served = await serveCli(args, { before: held.words });
    expect(served.stderr()).toMatch(/; memory held by cgroup v[12]; /);
  });

  test('each run has its own cgroup with its memory limit, removed after the run', async () => {
    const gone = new AbortController();
    const code = `sleep ${uniqueSleep()} & setsid sleep ${uniqueSleep()} & wait`;
    const asked = served?.run({ language: 'bash', code, ...PATIENCE }, gone.signal).catch(() => undefined);
    const group = () => held.groups().find(isRun) ?? '';
    // Beside the shell and what makes the sandbox.
    await expect.poll(() => namesIn(group()).filter((name) => name === 'sleep').length).toBe(2);
    const limits = ['memory.max', 'memory.limit_in_bytes'].map((file) => join(group(), file));
    expect(limits.filter(existsSync).map((file) => readFileSync(file, 'utf8'))).toEqual([`${200 << 20}\n`]);
    gone.abort();
    await asked;
    await expect.poll(group).toBe('');
  });

  test('a run whose process the kernel killed for memory is reported as such', async () => {
    const answer = await served?.run({ language: 'python', code: CHILD, ...PATIENCE });
    expect(answer?.run_result).toMatchObject({ return_code: -9, sandboxctl: { killed: 'memory' } });
  });
});

test('a server that may not make cgroups watches memory itself, and says so', async () => {
  served = await serveCli(['--isolation', 'none'], { before: [...held.words, ...asUser(newUser())] });
  expect(served.stderr()).toContain('; memory held by looking; ');
  expect(held.groups()).toEqual([]);
});

test('a killed server leaves no cgroup', async () => {
  served = await serveCli(['--isolation', 'none'], { before: held.words });
  expect(held.groups()).not.toEqual([]);
  const code = `sleep ${uniqueSleep()}`;
  const asked = served.run({ language: 'bash', code, ...PATIENCE }).catch(() => undefined);
  await expect.poll(() => held.groups().filter(isRun)).toHaveLength(1);
  await served.stop('SIGKILL');
  await asked;
});

const isRun = (cgroup: string) => /\/run-\d+-\d+$/.test(cgroup);

function namesIn(cgroup: string): string[] {
  if (cgroup === '' || !existsSync(cgroup)) return [];
  const pids = readFileSync(join(cgroup, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean);
  return pids.map(nameOf);
}

function nameOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return 'gone in the meantime';
  }
}
