import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLIENT_TIMEOUT_HEADER } from '../../../src/api/client-timeout.js';
import { INFRA_HEADER } from '../../../src/api/verdict.js';
import { extrasOf, type RunCodeResponse } from '../../../src/api/wire.js';
import { asUser, COLD, newUser, WITHOUT_BWRAP } from './as-root.js';
import { type ServedCli, serveCli } from './server.js';

/** Processes that keep the CPUs busy: a program gets less than half of a CPU beside them. */
const BUSY = 2 * availableParallelism();
const MODES: { name: string; args: string[]; before: string[]; tags: string[] }[] = [
  { name: 'lite, warm', args: [], before: [], tags: [] },
  { name: 'lite by bwrap', args: [], before: COLD, tags: ['matrix'] },
  { name: 'lite by unshare', args: [], before: WITHOUT_BWRAP, tags: ['matrix'] },
  { name: 'lite as an ordinary user', args: [], before: asUser(newUser()), tags: ['matrix'] },
  { name: 'none', args: ['--isolation', 'none'], before: [], tags: ['matrix'] },
];

describe.each(MODES)('beside programs that keep all CPUs busy, $name', ({ args, before, tags }) => {
  let served: ServedCli;
  let busy: ChildProcess[] = [];
  beforeAll(async () => {
    served = await serveCli(['--max-concurrency', '2', ...args], { before });
    // Each in a session of its own: the kernel's autogroups share CPUs between sessions, and a run has one.
    const spin = () => spawn('python3', ['-c', 'while 1: pass'], { stdio: 'ignore', detached: true });
    busy = Array.from({ length: BUSY }, spin);
  });
  afterAll(async () => {
    for (const each of busy) each.kill('SIGKILL');
    await Promise.all(busy.map((each) => each.exitCode ?? each.signalCode ?? once(each, 'exit')));
    await served.stop();
  });
  const run = async (code: string, limit: number, clientTimeout: number) => {
    const answer = await served.post(
      { language: 'python', code, run_timeout: limit },
      { headers: { 'content-type': 'application/json', [CLIENT_TIMEOUT_HEADER]: String(clientTimeout) } },
    );
    return { answer, body: (await answer.json()) as RunCodeResponse };
  };

  test('a program that needs 60 % of its limit ends as it would by itself', { tags }, async () => {
    const { body } = await run(SPIN(1.2), 2, 120);
    expect(body).toMatchObject({ status: 'Success', run_result: { stdout: 'done\n' } });
  });

  test('a program without an end times out once it has had its time, and the answer says so', {
    tags,
  }, async () => {
    const { body } = await run('while True: pass', 1, 120);
    expect(body.run_result).toMatchObject({ status: 'TimeLimitExceeded', return_code: null });
    const { cpu_seconds = 0, cpu_wait_seconds = 0 } = extrasOf(body.run_result);
    expect(cpu_seconds + cpu_wait_seconds).toBeGreaterThan(0.8);
    expect(cpu_wait_seconds).toBeGreaterThan(0);
  });

  test('if the client times out before that, the answer is a failure of the sandbox', { tags }, async () => {
    const { answer } = await run(SPIN(1.8), 2, 3);
    expect(answer.status).toBe(504);
    expect(answer.headers.get(INFRA_HEADER)).toMatch(/waited [\d.]+ s for CPUs that others used/);
  });
});

const SPIN = (seconds: number) => `import time\nwhile time.process_time() < ${seconds}: pass\nprint("done")`;

/** Programs that would pass for ones without a CPU; each of its threads and children wants the same one. */
const PRETENDERS: [string, string][] = [
  ['threads', 'import threading\nfor _ in range(20): threading.Thread(target=spin).start()\nspin()'],
  ['children', 'for _ in range(20): os.fork()\nspin()'.replace('os.fork()', 'os.fork() or spin()')],
  [
    'children that nobody waits for',
    [
      'signal.signal(signal.SIGCHLD, signal.SIG_IGN)',
      'while True:',
      '  for _ in range(20):',
      '    if os.fork() == 0:',
      '      end = time.monotonic() + 0.1',
      '      while time.monotonic() < end: pass',
      '      os._exit(0)',
      '  time.sleep(0.1)',
    ].join('\n'),
  ],
];

test.each(PRETENDERS)(
  'no program is short of CPU time because of its own %s',
  {
    tags: 'security',
  },
  async (_name, code) => {
    const served = await serveCli();
    const head = [
      'import os, signal, time',
      'os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})',
      'def spin():\n  while True: pass',
    ];
    const answer = await served.post(
      { language: 'python', code: [...head, code].join('\n'), run_timeout: 1 },
      { headers: { 'content-type': 'application/json', [CLIENT_TIMEOUT_HEADER]: '15' } },
    );
    expect([answer.status, await answer.json()]).toMatchObject([
      200,
      { run_result: { status: 'TimeLimitExceeded' } },
    ]);
    await served.stop();
  },
);
