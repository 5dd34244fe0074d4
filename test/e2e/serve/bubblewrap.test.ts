import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { serving } from './serving.js';

test('a bubblewrap that makes no sandboxes here is found at the start, and does without', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sandboxctl-broken-'));
  await chmod(folder, 0o755);
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'bwrap'), '#!/bin/sh\necho no >&2\nexit 1\n', { mode: 0o755 });
  const served = await serving([], { env: { PATH: `${folder}:${process.env.PATH}` } });
  expect(served.stderr()).toContain('isolation lite by unshare');
});

test('a sandbox that is slow to set up is not killed for memory that the host holds', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sandboxctl-slow-'));
  await chmod(folder, 0o755);
  // Longer than the memory of a run goes unwatched; meanwhile its first process is one of the host's.
  const slow = '#!/bin/sh\nsleep 0.6\nPATH=/usr/local/bin:/usr/bin:/bin exec bwrap "$@"\n';
  await writeFile(join(folder, 'bwrap'), slow, { mode: 0o755 });
  const env = { PATH: `${folder}:${process.env.PATH}` };
  const served = await serving(['--max-memory', '64M', '--warm', 'off'], { env });
  expect(served.stderr()).toContain('isolation lite by bwrap');
  const { status, run_result } = await served.run({ language: 'bash', code: 'echo here' });
  expect({ status, stdout: run_result?.stdout }).toEqual({ status: 'Success', stdout: 'here\n' });
  expect(run_result).not.toHaveProperty('sandboxctl');
  await rm(folder, { recursive: true });
});
