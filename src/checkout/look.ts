import { access, constants, readdir, realpath, stat } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import type { Run } from '../process/run.js';
import { type CheckoutFacts, RUNTIME_ENVIRONMENT, SERVER_ENVIRONMENT, TOOLS } from './facts.js';

/** Where installers put conda when nobody says otherwise, below the home folder and elsewhere. */
const CONDA_HOMES = ['miniforge3', 'miniconda3', 'mambaforge', 'anaconda3'];
const CONDA_ROOTS = ['/opt/conda', '/opt/miniforge3', '/opt/miniconda3'];
/** poetry is a Python program that imports much. */
const POETRY_MS = 30_000;

export interface LookOptions {
  /** Absolute. */
  folder: string;
  env: NodeJS.ProcessEnv;
  run: Run;
}

/** Looks at a checkout and at what this machine has for it. Changes nothing; asks poetry for its environment. */
export async function lookAtCheckout(options: LookOptions): Promise<CheckoutFacts> {
  const { folder, env } = options;
  const [state, docsBuild, conda, poetry] = await Promise.all([
    stateOf(folder),
    isFolder(join(folder, 'docs/build')),
    findConda(env),
    onPath('poetry', env),
  ]);
  const server = state === 'checkout' ? await findServer(options, conda, poetry) : null;
  const runtime = conda === null ? null : join(conda, 'envs', RUNTIME_ENVIRONMENT, 'bin/python');
  const tools = await Promise.all(
    Object.keys(TOOLS).map(async (tool) => ((await onPath(tool, env)) === null ? [tool] : [])),
  );
  return {
    folder,
    state,
    docsBuild,
    conda,
    poetry,
    server: server === null ? null : { folder: server, python: await pythonOf(server) },
    serverSeesConda: server !== null && (await condaAbove(server)) !== null,
    runtime: runtime !== null && (await isProgram(runtime)) ? runtime : null,
    missingTools: tools.flat(),
  };
}

async function stateOf(folder: string): Promise<CheckoutFacts['state']> {
  if (await isThere(join(folder, 'sandbox/server/server.py'))) return 'checkout';
  return (await isThere(folder)) ? 'other' : 'absent';
}

async function findConda(env: NodeJS.ProcessEnv): Promise<string | null> {
  const program = env.CONDA_EXE ?? (await onPath('conda', env));
  const home = env.HOME;
  const roots = [
    ...(program === null ? [] : [dirname(dirname(await realpath(program).catch(() => program)))]),
    ...(home === undefined ? [] : CONDA_HOMES.map((name) => join(home, name))),
    ...CONDA_ROOTS,
  ];
  for (const root of roots) if (await isThere(join(root, 'condabin'))) return root;
  return null;
}

/** The environment that has the server's libraries: one that is active, poetry's, or conda's by its usual name. */
async function findServer(
  { folder, env, run }: LookOptions,
  conda: string | null,
  poetry: string | null,
): Promise<string | null> {
  const active = [env.VIRTUAL_ENV, env.CONDA_PREFIX].filter((each) => each !== undefined && each !== '');
  const usual = conda === null ? [] : [join(conda, 'envs', SERVER_ENVIRONMENT)];
  for (const place of [...active, join(folder, '.venv'), ...usual]) {
    if (await hasServer(place as string)) return place as string;
  }
  if (poetry === null) return null;
  const told = await run([poetry, 'env', 'info', '--path'], { env, cwd: folder, timeoutMs: POETRY_MS }).catch(
    () => undefined,
  );
  const place = told?.code === 0 ? told.stdout.trim() : '';
  return place.startsWith('/') && (await hasServer(place)) ? place : null;
}

function hasServer(place: string): Promise<boolean> {
  return isProgram(join(place, 'bin/uvicorn'));
}

/** Where SandboxFusion itself looks for conda: from its Python upward, without following links. */
async function condaAbove(place: string): Promise<string | null> {
  for (let above = place; ; above = dirname(above)) {
    if (await isThere(join(above, 'condabin'))) return above;
    if (above === dirname(above)) return null;
  }
}

/** `3.11`, by the name of its folder of libraries. */
async function pythonOf(place: string): Promise<string | null> {
  const names = await readdir(join(place, 'lib')).catch((): string[] => []);
  return (
    names.map((name) => /^python(3\.\d+)$/.exec(name)?.[1]).find((version) => version !== undefined) ?? null
  );
}

async function onPath(tool: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  for (const folder of (env.PATH ?? '').split(delimiter).filter((each) => each.startsWith('/'))) {
    const path = join(folder, tool);
    if (await isProgram(path)) return path;
  }
  return null;
}

async function isProgram(path: string): Promise<boolean> {
  const executable = await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
  return executable && (await stat(path)).isFile();
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
