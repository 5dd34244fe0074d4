import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import './as-root.js';
import { serving } from './serving.js';

test('a run whose sandbox was to show what has vanished meanwhile gets another', async () => {
  const folder = await mkdtemp('/opt/sandboxctl-vanishing-');
  // Whoever starts the sandbox takes it away.
  await chmod(folder, 0o777);
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  // Something lies over a pipe in every sandbox.
  const [pipe, tools] = [join(folder, 'inner/pipe'), join(folder, 'tools')];
  await mkdir(tools);
  const late = `#!/bin/sh\n[ -p ${pipe} ] && rm -r ${folder}/inner\nPATH=/usr/local/bin:/usr/bin:/bin exec bwrap "$@"\n`;
  await writeFile(join(tools, 'bwrap'), late, { mode: 0o755 });
  const served = await serving(['--warm', 'off'], { env: { PATH: `${tools}:${process.env.PATH}` } });
  await mkdir(join(folder, 'inner'));
  await chmod(join(folder, 'inner'), 0o777);
  execFileSync('mkfifo', [pipe]);
  const { status, message, run_result } = await served.run({ language: 'bash', code: 'echo here' });
  expect({ status, message, stdout: run_result?.stdout }).toMatchObject({
    status: 'Success',
    stdout: 'here\n',
  });
  expect(existsSync(pipe)).toBe(false);
});
