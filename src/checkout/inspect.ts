import { access, constants, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { findOnPath } from '../process/on-path.js';
import type { Run } from '../process/run.js';
import { type CheckoutFacts, RUNTIME_ENVIRONMENT, SERVER_ENVIRONMENT, type Server, TOOLS } from './facts.js';

const CONDA_HOMES = ['miniforge3', 'miniconda3', 'mambaforge', 'anaconda3'];
const CONDA_ROOTS = ['/opt/conda', '/opt/miniforge3', '/opt/miniconda3'];
/** poetry is a Python program that imports much. */
const POETRY_MS = 30_000;
const UVICORN = 'bin/uvicorn';

export interface InspectOptions {
  folder: string;
  env: NodeJS.ProcessEnv;
  run: Run;
}

/** Looks at a checkout and at what this machine has for it. Changes nothing; asks poetry for its environment. */
export async function inspectCheckout(options: InspectOptions): Promise<CheckoutFacts> {
  const { folder, env } = options;
  const [state, docsBuild, first, poetry] = await Promise.all([
    stateOf(folder),
    isFolder(join(folder, 'docs/build')),
    findConda(env),
    findOnPath('poetry', env),
  ]);
  const server = state === 'checkout' ? await findServer(options, first, poetry) : null;
  const above = server === null ? null : await condaAbove(server.folder);
  const conda = above ?? first;
  const tools = await Promise.all(
    Object.keys(TOOLS).map(async (tool) => ((await findOnPath(tool, env)) === null ? [tool] : [])),
  );
  return {
    folder,
    state,
    docsBuild,
    conda,
    condaIsOurs: conda !== null && (await isWritable(conda)),
    poetry,
    server,
    serverSeesConda: above !== null,
    runtime: await firstProgram(environments(conda, env, RUNTIME_ENVIRONMENT), 'bin/python'),
    missingTools: tools.flat(),
  };
}

async function stateOf(folder: string): Promise<CheckoutFacts['state']> {
  if (await isThere(join(folder, 'sandbox/server/server.py'))) return 'checkout';
  return (await isThere(folder)) ? 'other' : 'absent';
}

async function findConda(env: NodeJS.ProcessEnv): Promise<string | null> {
  const program = env.CONDA_EXE ?? (await findOnPath('conda', env));
  const home = env.HOME;
  const roots = [
    ...(program === null ? [] : [dirname(dirname(await realpath(program).catch(() => program)))]),
    ...(home === undefined ? [] : CONDA_HOMES.map((name) => join(home, name))),
    ...CONDA_ROOTS,
  ];
  for (const root of roots) if (await isThere(join(root, 'condabin'))) return root;
  return null;
}

/** Where conda keeps environments: in its own folder, and for who may not write there at home. */
function environments(conda: string | null, env: NodeJS.ProcessEnv, name: string): string[] {
  const own = conda === null ? [] : [join(conda, 'envs', name)];
  return env.HOME === undefined ? own : [...own, join(env.HOME, '.conda/envs', name)];
}

/** conda keeps a list of all that it made, whichever conda it was. */
async function listed({ HOME }: NodeJS.ProcessEnv, name: string): Promise<string[]> {
  const list = HOME === undefined ? '' : join(HOME, '.conda/environments.txt');
  const text = await readFile(list, 'utf8').catch(() => '');
  return text.split('\n').filter((place) => place.startsWith('/') && basename(place) === name);
}

/** The environment that has the server's libraries, looked for as a job does, and then among those that are active. */
async function findServer(
  options: InspectOptions,
  conda: string | null,
  poetry: string | null,
): Promise<Server | null> {
  const { folder, env } = options;
  const usual = [
    ...(await listed(env, SERVER_ENVIRONMENT)),
    ...environments(conda, env, SERVER_ENVIRONMENT),
    join(folder, '.venv'),
  ];
  const found =
    (await firstProgram(usual, UVICORN)) ?? (await firstProgram(await poetrys(options, poetry), UVICORN));
  const active = [env.VIRTUAL_ENV, env.CONDA_PREFIX].filter((each) => each?.startsWith('/')) as string[];
  const program = found ?? (await firstProgram(active, UVICORN));
  if (program === null) return null;
  const place = dirname(dirname(program));
  return { folder: place, python: await pythonOf(place), activeOnly: found === null };
}

async function poetrys({ folder, env, run }: InspectOptions, poetry: string | null): Promise<string[]> {
  if (poetry === null) return [];
  const argv = [poetry, 'env', 'info', '--path'];
  const told = await run(argv, { env, cwd: folder, timeoutMs: POETRY_MS }).catch(() => undefined);
  const place = told?.code === 0 ? told.stdout.trim() : '';
  return place.startsWith('/') ? [place] : [];
}

async function firstProgram(places: readonly string[], program: string): Promise<string | null> {
  for (const place of places) {
    const path = join(place, program);
    if (await isProgram(path)) return path;
  }
  return null;
}

/** Where SandboxFusion itself looks for conda: from its Python upward, without following links. */
async function condaAbove(place: string): Promise<string | null> {
  for (let above = place; ; above = dirname(above)) {
    if (await isThere(join(above, 'condabin'))) return above;
    if (above === dirname(above)) return null;
  }
}

async function pythonOf(place: string): Promise<string | null> {
  const names = await readdir(join(place, 'lib')).catch((): string[] => []);
  return (
    names.map((name) => /^python(3\.\d+)$/.exec(name)?.[1]).find((version) => version !== undefined) ?? null
  );
}

async function isProgram(path: string): Promise<boolean> {
  const executable = await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
  return executable && (await stat(path)).isFile();
}

function isWritable(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
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
