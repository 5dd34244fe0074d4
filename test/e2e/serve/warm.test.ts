import { execFileSync } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { childrenOf, read } from '../../../src/sandbox/process/tree.js';
import { PLAIN_PATH } from './programs/plain.js';
import { type ServedCli, serveCli } from './server.js';
import './as-root.js';

/** Runs at once that one launcher does. */
const ONE_LAUNCHER = 6;
const PLACE = '/usr/local/games';

let served: ServedCli | undefined;
afterEach(async () => {
  await served?.stop();
  served = undefined;
});

function serveWarm(concurrency: number, before: readonly string[] = []): Promise<ServedCli> {
  const args = ['--warm', 'on', '--max-concurrency', String(concurrency)];
  return serveCli(args, { env: { PATH: PLAIN_PATH }, before });
}

function below(pid: number): number[] {
  return childrenOf(pid).flatMap((each) => [each, ...below(each)]);
}

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

test('a zygote that hangs is ended after 5 s, however many programs come meanwhile', async () => {
  const server = await serveWarm(ONE_LAUNCHER);
  served = server;
  const run = () => server.run({ language: 'python', code: 'print(1)' });
  await run();
  const zygote = below(server.process.pid ?? 0).find((pid) =>
    /^NSpid:\t\d+\t1$/m.test(read(`/proc/${pid}/status`)),
  );
  process.kill(zygote ?? 0, 'SIGSTOP');
  const runs: Promise<unknown>[] = [];
  let answered = false;
  while (!answered && runs.length < ONE_LAUNCHER + 1) {
    runs.push(
      run().then(() => {
        answered = true;
      }),
    );
    await setTimeout(1500);
  }
  expect(answered).toBe(true);
  await Promise.all(runs);
});
