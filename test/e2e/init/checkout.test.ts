import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { cli, ended, start } from '../../cli/run.js';
import { folder } from '../../endpoints/folder.js';
import { CONDAS, onlyTools, withEmpty } from '../../support/machine.js';

const run = promisify(execFile);

/** What the commands need that `init` prints, and the stand-ins. */
const TOOLS = ['bash', 'cp', 'env', 'mkdir', 'python3', 'sh', 'touch', 'uname'];
/** What an installed conda brings: `conda create`, and for a shell that has sourced `activate` also `conda activate`. */
const CONDA = 'mkdir -p "$ROOT/envs/$3/bin" "$ROOT/envs/$3/lib/python3.11"';
const ACTIVATE = `export PATH="$ROOT/bin:$PATH"
conda() {
  if [ "$1" = activate ]; then export CONDA_PREFIX="$ROOT/envs/$2"; else command conda "$@"; fi
}`;

/**
 * A machine with nothing but what the guide's commands fetch: stand-ins that leave the files which curl,
 * git, poetry and SandboxFusion's own script would leave.
 */
function machine() {
  const home = folder();
  const bin = join(home, 'bin');
  const checkout = join(home, "Sandbox's Fusion");
  const program = (path: string, script: string) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `#!/bin/bash\n${script}\n`);
    chmodSync(path, 0o755);
  };
  const root = join(home, 'miniforge3');
  program(join(home, 'conda'), `ROOT='${root}'\n${CONDA}`);
  writeFileSync(join(home, 'activate'), `ROOT='${root}'\n${ACTIVATE}\n`);
  program(
    join(bin, 'installer'),
    `mkdir -p '${root}/bin' '${root}/condabin'; cp '${home}/activate' '${home}/conda' '${root}/bin'`,
  );
  program(
    join(bin, 'poetry-to-be'),
    `[ "$1" = install ] || exit 1\n[ -e pyproject.toml ]\ncp '${bin}/installer' "$CONDA_PREFIX/bin/uvicorn"`,
  );
  program(
    join(bin, 'curl'),
    `case "$*" in
      *Miniforge3*) cp '${bin}/installer' "Miniforge3-$(uname)-$(uname -m).sh" ;;
      *poetry*) echo 'import os, shutil; d = os.path.expanduser("~/.local/bin"); os.makedirs(d); shutil.copy("${bin}/poetry-to-be", d + "/poetry")' ;;
    esac`,
  );
  program(
    join(bin, 'git'),
    `mkdir -p "$3/sandbox/server" "$3/runtime/python"
    touch "$3/pyproject.toml" "$3/sandbox/server/server.py"
    echo 'conda create -n sandbox-runtime -y python=3.10; cp "${bin}/installer" "${root}/envs/sandbox-runtime/bin/python"' >"$3/runtime/python/install-python-runtime.sh"`,
  );
  const tools = onlyTools(join(home, 'tools'), TOOLS);
  const env = { HOME: home, PATH: `${join(home, '.local/bin')}:${bin}:${tools}` };
  return {
    ...{ home, checkout, root, program },
    look: (more: Record<string, string> = {}) =>
      ended(
        start([...withEmpty(...CONDAS), ...cli('init', '--checkout', checkout)], {
          cwd: home,
          env: { ...env, ...more },
        }),
      ),
    /** Runs the commands that were printed, in a shell as its user would. */
    follow: (commands: string) => run('bash', ['-ec', commands], { cwd: home, env: { ...env, SHLVL: '2' } }),
  };
}

describe('init --checkout', () => {
  it('prints the commands that install everything missing, and nothing once they have run', async () => {
    const { look, follow, checkout, home } = machine();
    const before = await look();
    expect(before.code).toBe(5);
    expect(before.stderr).toContain(`error: 6 things are missing for ${checkout}\n`);
    for (const line of ['poetry install', 'bash install-python-runtime.sh', 'mkdir -p ']) {
      expect(before.stdout).toContain(`\n${line}`);
    }
    expect(before.stdout).toContain('git clone https://github.com/bytedance/SandboxFusion.git ');
    await follow(before.stdout);
    const after = await look();
    expect(after, after.stdout).toMatchObject({ code: 0, stdout: '' });
    expect(after.stderr).toContain(
      `nothing is missing: server environment ${home}/miniforge3/envs/sandbox (Python 3.11)`,
    );
  });

  it('names only what is missing', async () => {
    const { look, follow, checkout, root } = machine();
    await follow((await look()).stdout);
    rmSync(join(checkout, 'docs'), { recursive: true });
    const quoted = `'${checkout.replace("'", "'\\''")}/docs/build'`;
    expect((await look()).stdout).toBe(
      `# docs/build is not there, without which the server cannot start\nmkdir -p ${quoted}\n`,
    );
    await follow((await look()).stdout);
    rmSync(join(root, 'envs/sandbox-runtime'), { recursive: true });
    const told = await look();
    expect(told.stderr).toContain('error: one thing is missing');
    expect(told.stdout).toMatch(
      /^# conda has no environment sandbox-runtime.*\n.*activate\ncd .*\nbash install/,
    );
  });

  it("finds poetry's own environment, and that SandboxFusion sees no conda from there", async () => {
    const { look, follow, home, root, program } = machine();
    await follow((await look()).stdout);
    rmSync(join(root, 'envs/sandbox'), { recursive: true });
    program(join(home, 'venv/bin/uvicorn'), '');
    program(join(home, '.local/bin/poetry'), `[ "$*" = 'env info --path' ] && echo '${home}/venv'`);
    const told = await look();
    expect(told.code).toBe(5);
    expect(told.stderr).toContain(`environment ${home}/venv lies outside of conda`);
    expect(told.stdout).toContain('\npoetry install\n');
  });

  it('prints a flag for an environment that is only active in this shell', async () => {
    const { look, follow, root, program } = machine();
    await follow((await look()).stdout);
    const place = join(root, 'envs/mine');
    rmSync(join(root, 'envs/sandbox'), { recursive: true });
    program(join(place, 'bin/uvicorn'), '');
    expect((await look()).code).toBe(5);
    const told = await look({ CONDA_PREFIX: place });
    expect(told.code, told.stderr).toBe(0);
    expect(told.stderr).toMatch(
      /^next: sandboxctl deploy --nodes 1 --checkout '.*' --checkout-env '.*mine'$/m,
    );
  });

  it('refuses a folder that is not a checkout and leaves it unchanged', async () => {
    const { checkout, look } = machine();
    mkdirSync(checkout);
    writeFileSync(join(checkout, 'mine'), 'x');
    const told = await look();
    expect(told.stderr).toContain(`${checkout} is no checkout of SandboxFusion`);
    expect(told.stdout).toMatch(/git clone \S+ '.*\/SandboxFusion'\n/);
    expect(readFileSync(join(checkout, 'mine'), 'utf8')).toBe('x');
  });

  it('names the languages without a tool', async () => {
    const { look, home, program } = machine();
    program(join(home, 'bin/rustc'), '');
    const { stderr } = await look();
    expect(stderr).toMatch(/^note: not on PATH here, so programs fail in: .*racket \(racket\)$/m);
    expect(stderr).not.toContain('(rustc)');
  });
});
