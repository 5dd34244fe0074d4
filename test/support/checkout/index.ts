import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const IMAGE = fileURLToPath(new URL('../../cluster/image/', import.meta.url));
const SERVER = fileURLToPath(new URL('server.py', import.meta.url));

const CONFIG = `dataset:
  max_runner_concurrency: 3
sandbox:
  isolation: none
  cleanup_process: false
  restore_bash: false
  max_concurrency: 34
common:
  logging_color: true
`;

export interface CheckoutOptions {
  /** What its Makefile starts the server with; none for a checkout without a Makefile. */
  target: 'run-online' | 'run' | 'none';
}

/** A git repository laid out as SandboxFusion's, with one commit: what its server needs, and what it checks. */
export async function makeCheckout(path: string, { target }: CheckoutOptions): Promise<string> {
  for (const folder of ['sandbox/server', 'sandbox/configs', 'sandbox/runners', 'docs', 'runtime/python']) {
    await mkdir(join(path, folder), { recursive: true });
  }
  await copyFile(SERVER, join(path, 'sandbox/server/server.py'));
  await copyFile(join(IMAGE, 'server.py'), join(path, 'sandbox/server/api.py'));
  const files = {
    'sandbox/configs/local.yaml': CONFIG,
    'sandbox/configs/ci.yaml': CONFIG.replace('isolation: none', 'isolation: lite').replace('34', '0  # all'),
    'sandbox/runners/major.py': "RUNTIME = 'sandbox-runtime'\n",
    'docs/index.md': '# Docs\n',
    '.gitignore': 'build/\n__pycache__/\n',
    ...(target === 'none' ? {} : { Makefile: makefile(target) }),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  await commit(path, 'first');
  return path;
}

/** HEAD moves on. */
export async function commit(path: string, message: string): Promise<void> {
  await git(path, 'init', '-q');
  await git(path, 'add', '-A');
  await git(path, 'commit', '-q', '--allow-empty', '-m', message);
}

/** What git says, whoever the folder belongs to. */
export async function git(path: string, ...words: string[]): Promise<string> {
  const settings = ['safe.directory=*', 'user.name=a', 'user.email=a@b'].flatMap((each) => ['-c', each]);
  return (await promisify(execFile)('git', ['-C', path, ...settings, ...words])).stdout;
}

/** As the newest one has it: our host and port come from the environment. */
const makefile = (target: string) => `HOST ?= 127.0.0.1
PORT ?= 8080
${target}:
\tuvicorn sandbox.server.server:app --host $(HOST) --port $(PORT)
`;

/** A conda as far as SandboxFusion and its jobs look into it: environments with a Python, and a script that enters one. */
export async function makeConda(root: string, environments: readonly string[]): Promise<string> {
  await mkdir(join(root, 'condabin'), { recursive: true });
  await mkdir(join(root, 'bin'));
  await writeFile(
    join(root, 'bin/activate'),
    `[ -d "${root}/envs/$1" ] || { echo "Could not find conda environment: $1" >&2; return 1; }
PATH="${root}/envs/$1/bin:$PATH"
`,
  );
  for (const name of environments) await makeEnvironment(join(root, 'envs', name));
  return root;
}

/** A stand-in that says it is Python 3.12, the first that loses output under uvloop. */
const NEWER = `#!/bin/bash
[[ "$*" == *version_info* ]] && exit 0
exec -a "$0" /usr/bin/python3 "$@"
`;

/** An environment into which poetry installed the server. */
export async function makeEnvironment(path: string, { newer = false } = {}): Promise<string> {
  const bin = join(path, 'bin');
  await mkdir(bin, { recursive: true });
  if (newer) await writeFile(join(bin, 'python'), NEWER, { mode: 0o755 });
  else await symlink('/usr/bin/python3', join(bin, 'python'));
  const uvicorn = (await readFile(join(IMAGE, 'uvicorn.py'), 'utf8')).replace(/^#!.*/, `#!${bin}/python`);
  await writeFile(join(bin, 'uvicorn'), uvicorn, { mode: 0o755 });
  return path;
}
