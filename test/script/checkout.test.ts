import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadTemplate } from '../../src/control/templates.js';
import { makeCheckout, makeConda, makeEnvironment } from '../support/checkout/index.js';
import { onlyTools } from '../support/machine.js';
import { JOB_ENV, runHead } from './bash.js';
import { PATHS, render } from './specs.js';

/** What the checkout's job finds and writes before it starts anything. */
const template = await loadTemplate(null, 'checkout', 'slurm');
let folder: string;
let checkout: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sandboxctl-checkout-'));
  checkout = await makeCheckout(join(folder, `it's a "checkout"`), { target: 'run' });
  mkdirSync(join(folder, 'state'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const homeOf = () => mkdtempSync(join(folder, 'home-'));

interface Settings {
  environment?: string | null;
  isolation?: 'lite' | 'none';
  env?: Record<string, string>;
  path?: string;
}

/** What `more` writes to "$ANSWERS" behind the head of a job's script, or what the job says that it lacks. */
function inJob(
  more: string,
  { environment = null, isolation = 'none', env = {}, path = checkout }: Settings = {},
): string {
  const state = { registrations: join(folder, 'state'), submission: join(folder, 'state') };
  const job = {
    runtime: 'checkout',
    image: null,
    isolation,
    checkout: { path, head: null, environment },
  } as const;
  const told = [{ key: 'SANDBOX_CONFIG', value: env.SANDBOX_CONFIG ?? 'local' }];
  const script = render({ job: { ...job, env: told } }, { template, paths: { ...PATHS, ...state } });
  // The first word of it on the log, which is nowhere here.
  return runHead(script, `lack() { echo "lacks: $*" >"$ANSWERS"; exit 0; }\n${more}`, { ...JOB_ENV, ...env });
}

const found = (settings: Settings) =>
  inJob('find_environment; echo "$ENVIRONMENT" >"$ANSWERS"', settings).trim();

test("the environment: conda's, then poetry's in the project, then poetry's elsewhere; by name or path what is named", async () => {
  const HOME = homeOf();
  const tools = [
    'bash',
    'awk',
    'base64',
    'basename',
    'cat',
    'cut',
    'date',
    'dirname',
    'grep',
    'hostname',
    'ls',
    'readlink',
    'realpath',
    'sed',
    'sha256sum',
    'tr',
    'python3',
  ];
  const env = { HOME, PATH: onlyTools(join(folder, 'tools'), tools) };
  expect(found({ env })).toMatch(/^lacks: checkout-without-environment path .* tried .*miniconda3/);

  // As `poetry env info --path` says for this path.
  const told =
    'import base64, hashlib, os, sys; print(base64.urlsafe_b64encode(hashlib.sha256(os.path.realpath(sys.argv[1]).encode()).digest()).decode()[:8])';
  const digest = execFileSync('python3', ['-c', told, checkout], { encoding: 'utf8' }).trim();
  const elsewhere = await makeEnvironment(join(HOME, `.cache/pypoetry/virtualenvs/sandbox-${digest}-py3.11`));
  expect(found({ env })).toBe(elsewhere);
  const inside = await makeEnvironment(join(checkout, '.venv'));
  expect(found({ env })).toBe(inside);
  const conda = await makeConda(join(HOME, 'miniconda3'), ['sandbox']);
  expect(found({ env })).toBe(join(conda, 'envs/sandbox'));

  const far = await makeEnvironment(join(folder, 'far/sf'));
  expect(found({ env, environment: far })).toBe(far);
  expect(found({ env, environment: 'sf' })).toMatch(/^lacks: /);
  mkdirSync(join(HOME, '.conda'));
  writeFileSync(join(HOME, '.conda/environments.txt'), `${conda}\n${far}\n`);
  expect(found({ env, environment: 'sf' })).toBe(far);
  rmSync(inside, { recursive: true });
});

test('Python is run as SandboxFusion runs it, or it is told why not', { tags: 'matrix' }, async () => {
  const conda = await makeConda(join(homeOf(), 'conda'), ['sandbox']);
  const checked = (ENVIRONMENT: string) =>
    inJob(`ENVIRONMENT=${ENVIRONMENT}; check_runtime; echo fine >"$ANSWERS"`);
  expect(checked(join(conda, 'envs/sandbox'))).toContain(`checkout-without-sandbox-runtime path ${conda}`);
  await makeEnvironment(join(conda, 'envs/sandbox-runtime'));
  expect(checked(join(conda, 'envs/sandbox'))).toBe('fine\n');
  expect(checked('/nowhere/.venv')).toContain('checkout-environment-outside-conda path /nowhere/.venv');
});

test("SandboxFusion's lite is not started where it would fail in every run", () => {
  const PATH = join(folder, 'bin');
  mkdirSync(PATH);
  for (const tool of ['bash', 'sed', 'grep', 'readlink', 'date', 'cat', 'ls', 'hostname']) {
    writeFileSync(join(PATH, tool), `#!/bin/bash\nexec /usr/bin/${tool} "$@"\n`, { mode: 0o755 });
  }
  const checked = (isolation: 'lite' | 'none') =>
    inJob('check_isolation; echo fine >"$ANSWERS"', { isolation, env: { PATH } });
  expect(checked('lite')).toMatch(/^lacks: checkout-lite-not-possible missing .*sudo, cgcreate, cgexec/);
  expect(checked('none')).toBe('fine\n');
});

const configs = () => readdirSync(join(checkout, 'sandbox/configs')).sort();
const written = (more: Record<string, string> = {}, isolation: 'lite' | 'none' = 'none') =>
  inJob('write_config; echo "$CONFIG" >"$ANSWERS"', { env: more, isolation }).trim();

test("a config of ours: the checkout's with another isolation and no limit, whole, however many write it", {
  tags: 'matrix',
}, async () => {
  const before = configs();
  const names = inJob(
    'for _ in {1..8}; do (write_config; echo "$CONFIG" >>"$ANSWERS") & ALL+=" $!"; done; wait $ALL',
  )
    .trim()
    .split('\n');
  expect(new Set(names).size).toBe(1);
  expect(configs()).toEqual([...before, `${names[0]}.yaml`]);
  expect(readFileSync(join(checkout, `sandbox/configs/${names[0]}.yaml`), 'utf8')).toBe(
    `# Written by sandboxctl from local.yaml.
dataset:
  max_runner_concurrency: 3
sandbox:
  isolation: none
  max_concurrency: 0
  cleanup_process: false
  restore_bash: false
common:
  logging_color: true
`,
  );
  const [lite, ci] = [written({}, 'lite'), written({ SANDBOX_CONFIG: 'ci' })];
  expect(new Set([names[0], lite, ci]).size).toBe(3);
  expect(written({ SANDBOX_CONFIG: 'nosuch' })).toMatch(
    /^lacks: checkout-config-missing path .*nosuch\.yaml/,
  );
});

test('what cannot be written is told, and what is there already needs no writing', () => {
  const words =
    'prepare() { find_environment() { :; }; check_runtime() { :; }; prepare_checkout; echo "$CONFIG" >"$ANSWERS"; }; prepare';
  const name = inJob(words).trim();
  // A link to nowhere: nobody can make a folder there, root neither.
  rmSync(join(checkout, 'docs/build'), { recursive: true });
  execFileSync('ln', ['-s', '/proc/nowhere', join(checkout, 'docs/build')]);
  expect(inJob(words)).toMatch(/^lacks: checkout-not-writable path .*docs\/build/);
  rmSync(join(checkout, 'docs/build'));
  mkdirSync(join(checkout, 'docs/build'));
  chmodSync(join(checkout, 'sandbox/configs'), 0o555);
  expect(inJob(words).trim()).toBe(name);
  chmodSync(join(checkout, 'sandbox/configs'), 0o755);
  expect(inJob(words, { path: join(folder, 'nowhere') })).toMatch(/^lacks: checkout-not-visible path /);
});
