import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { madeIn } from '../support/paths.js';
import { render } from './specs.js';

const [, LAUNCH = ''] = /<<'LAUNCH'[^\n]*\n(.*?)\nLAUNCH$/ms.exec(render({}, {})) ?? [];

let folder: string;
let shared: string;
beforeEach(() => {
  folder = mkdtempSync(madeIn('/var/tmp', 'launch'));
  shared = join(folder, 'shared');
  execFileSync('mkdir', ['-m', '1777', shared]);
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

/** Starts LAUNCH where the home cannot be written, with this script for uvicorn. */
function launch(uvicorn: string, env: Record<string, string> = {}): ChildProcess {
  writeFileSync(join(folder, 'uvicorn'), `#!/bin/bash\n${uvicorn}\n`);
  chmodSync(join(folder, 'uvicorn'), 0o755);
  const setup = 'export HOST=127.0.0.1 PORT=1';
  return spawn('bash', ['-c', LAUNCH], {
    cwd: folder,
    env: {
      ...{ PATH: `${folder}:${process.env.PATH}`, TMPDIR: shared, HOME: '/no/such/home' },
      ...{ SANDBOXCTL_JOB_SETUP: setup, OUT: join(folder, 'out') },
      ...env,
    },
    stdio: 'ignore',
  });
}

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.on('exit', (code) => resolve(code)));
const out = () => readFileSync(join(folder, 'out'), 'utf8').trim();

test('a home that cannot be written is replaced by a folder that nobody could prepare, and it is removed', async () => {
  const code = await ended(launch('stat -c "%a %u %n" "$HOME" >"$OUT"; ls -A "$HOME" >>"$OUT"; exit 7'));
  expect(code).toBe(7);
  expect(out()).toMatch(new RegExp(`^700 ${process.getuid?.()} ${shared}/sandboxctl-home\\.\\w{8}$`));
  expect(readdirSync(shared)).toEqual([]);
});

test('a signal reaches the server, whose home is removed when it has ended', async () => {
  const child = launch(
    'trap \'echo "$HOME" >"$OUT"; sleep 0.3; exit 3\' TERM; : >"$OUT.ready"; while :; do sleep 0.05; done',
  );
  await expect.poll(() => existsSync(join(folder, 'out.ready'))).toBe(true);
  expect(readdirSync(shared)).toHaveLength(1);
  child.kill('SIGTERM');
  expect(await ended(child)).toBe(3);
  expect(out()).toContain(`${shared}/sandboxctl-home.`);
  expect(readdirSync(shared)).toEqual([]);
});

test('a home that can be written stays, and the server takes the place of its shell', async () => {
  const child = launch('echo "$$ $HOME" >"$OUT"', { HOME: folder });
  await ended(child);
  expect(out()).toBe(`${child.pid} ${folder}`);
  expect(statSync(folder).isDirectory()).toBe(true);
});

test('no template takes a name in a shared folder that can be guessed', () => {
  const files = execFileSync('find', ['templates', '-type', 'f'], { encoding: 'utf8' }).trim().split('\n');
  const lines = files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => !/^\s*#/.test(line))
      .map((line) => `${file}: ${line}`),
  );
  const taken = lines.filter((line) => /(\/var\/tmp|\/tmp|\/dev\/shm|TMPDIR:-\/tmp\})\/[\w.$-]/.test(line));
  // Names that mktemp completes; a folder that SandboxFusion made; and paths below a process's root.
  const fine = /\.X{6,}"|^[^:]*: RUN_FOLDER=|path=\/tmp\/\$name|=\/tmp\/\$name/;
  expect(taken.filter((line) => !fine.test(line))).toEqual([]);
});
