import { chownSync, mkdirSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { inParts } from '../../support/parts.js';
import { asUser, COLD, newUser, WITHOUT_BWRAP } from './as-root.js';
import { outerCgroup } from './outer-cgroup.js';
import { ownView } from './own-view.js';
import { type ServedCli, serveCli } from './server.js';

const USER = asUser(newUser());
const undo: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

async function served(args: string[], before: readonly string[]): Promise<ServedCli> {
  const server = await serveCli(args, { before });
  undo.push(async () => {
    await server.stop();
  });
  return server;
}

test("a folder of the host's /tmp is not taken for a sandbox's /dev/shm", async () => {
  const view = await ownView(['/tmp']);
  undo.push(view.close);
  const folder = view.path('/tmp/.shm');
  mkdirSync(folder);
  chownSync(folder, newUser(), 0);
  const server = await served(['--max-memory', '64M'], [...view.words, ...WITHOUT_BWRAP, ...USER]);
  const answer = await server.run({ language: 'python', code: 'import time\ntime.sleep(0.6)\nprint("END")' });
  expect(answer.run_result).toMatchObject({ return_code: 0, stdout: 'END\n' });
});

/** Within its own limit, and more than there is: slowly, so that somebody can look, or as fast as it can. */
const TAKES = (seconds: number) => `
import os, time
held = []
for _ in range(450):
    held.append(bytearray(b"x" * (1 << 20)))
    time.sleep(${seconds})
time.sleep(60)`;

const MODES: readonly [string, readonly string[], readonly string[]][] = [
  ['lite', ['--isolation', 'lite'], USER],
  ['lite by bubblewrap', ['--isolation', 'lite'], [...COLD, ...USER]],
  ['lite without bubblewrap', ['--isolation', 'lite'], [...WITHOUT_BWRAP, ...USER]],
  ['none', ['--isolation', 'none'], USER],
  ['lite, as root', ['--isolation', 'lite'], []],
];

for (const { rows, tags } of inParts(MODES))
  describe.each(rows)('where memory is short, under isolation %s', { tags }, (_, args, before) => {
    test.each([
      ['the largest run is ended', 0.01],
      ['a run that the kernel ends', 0],
    ])('%s as a failure of the sandbox, before its own limit', async (_name, seconds) => {
      const outer = outerCgroup(400 * 2 ** 20);
      undo.push(() => outer.close());
      undo.push(async () => expect.poll(() => outer.members()).toEqual([]));
      const server = await served(
        [...args, '--max-memory', '1G', '--max-concurrency', '2'],
        [...outer.words, ...before],
      );
      const small = server.run({ language: 'python', code: 'import time\ntime.sleep(3)\nprint("END")' });
      const answer = await server.post({ language: 'python', code: TAKES(seconds), run_timeout: 60 });
      expect(answer.headers.get('x-sandboxctl-infra-error')).toContain('this machine is short of memory');
      expect(await answer.json()).toMatchObject({ status: 'SandboxError', run_result: null });
      const { status, run_result } = await small;
      // The kernel may end others too; that is no failure of theirs.
      if (seconds === 0 && status === 'SandboxError') expect(run_result).toBe(null);
      else expect(run_result?.stdout).toBe('END\n');
    });
  });
