import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { embeddedMethod } from '../../bench/methods/embedded.js';
import { type Method, sandboxFailure } from '../../bench/methods/method.js';
import { serversMethod } from '../../bench/methods/servers.js';
import { subprocessMethod } from '../../bench/methods/subprocess.js';
import type { Problem } from '../../bench/problem.js';
import { readEndpoints } from '../../endpoints/file.js';
import { selectEndpoints } from '../../endpoints/select.js';
import { SandboxctlError } from '../../errors.js';
import { findOnPath } from '../../process/on-path.js';
import { fleetStore } from '../../state/store.js';
import { chooseFleet } from '../choose-fleet.js';
import type { Context } from '../context.js';
import { fleetEndpoints, fleetToken } from '../fleet-client.js';
import { readToken } from '../token.js';
import type { MethodName, Options, Pool } from './options.js';
import type { FoundTools } from './tools.js';

const PROGRAM = fileURLToPath(new URL('../../../bin/sandboxctl.js', import.meta.url));

export interface MethodsOptions extends Options {
  cores: number;
  tools: FoundTools;
  /** For what plain subprocesses write. */
  folder: string;
  tokenFile: string | undefined;
  languages: readonly string[];
}

/** Runs that are not measured: they start whatever is started once. */
const FIRST_RUNS: readonly Problem[] = [
  { language: 'python' as const, code: 'print("ready")' },
  { language: 'cpp' as const, code: '#include <cstdio>\nint main() { std::puts("ready"); }' },
].map((program) => ({
  ...program,
  ...{ id: 'first', line: null, cases: [], runTimeout: 30, memoryLimitMB: null, label: null },
}));

/** Adds the methods to `opened` one by one, so that also those of a start that failed are closed. */
export async function openMethods(
  context: Context,
  options: MethodsOptions,
  opened: Method[],
): Promise<void> {
  const starts = [
    ...options.methods.map((name) => () => open(context, name, options)),
    ...options.pools.map((pool) => () => openPool(context, pool, options)),
  ];
  for (const start of starts) {
    const method = await start();
    opened.push(method);
    await runFirst(method, options.languages, context.signal);
  }
}

async function open(context: Context, name: MethodName, options: MethodsOptions): Promise<Method> {
  if (name === 'fleet') return openFleet(context, options);
  if (name !== 'subprocess') return openHere(context, name, options);
  const { tools, folder, cores } = options;
  const env = { PATH: context.env.PATH, HOME: folder, LANG: 'C.UTF-8' };
  return subprocessMethod({ tools, folder, env, cores });
}

export type EmbeddedName = Exclude<MethodName, 'subprocess' | 'fleet'>;

export const SERVE_FLAGS: Readonly<Record<EmbeddedName, readonly string[]>> = {
  lite: ['--isolation', 'lite', '--warm', 'off'],
  warm: ['--isolation', 'lite', '--warm', 'on'],
  none: ['--isolation', 'none', '--warm', 'off'],
};

/** The embedded server on this machine. */
export async function openHere(
  context: Context,
  name: EmbeddedName,
  { tools, cores, concurrency }: MethodsOptions,
): Promise<Method> {
  const { PATH = '', HOME = '/' } = context.env;
  // The same Python first, and nothing of the user's configuration.
  const path = tools.python === null ? PATH : `${dirname(tools.python)}:${PATH}`;
  // So that a bench that is killed leaves no server behind.
  const guard = (await findOnPath('setpriv', context.env)) === null ? [] : ['setpriv', '--pdeathsig', 'TERM'];
  return embeddedMethod({
    name,
    command: [...guard, process.execPath, PROGRAM],
    flags: [...SERVE_FLAGS[name], '--max-concurrency', String(concurrency), '--config', '/dev/null'],
    isolated: name !== 'none',
    env: { PATH: path, HOME, LANG: 'C.UTF-8' },
    cores,
    signal: context.signal,
  });
}

export async function openFleet(context: Context, { tokenFile }: MethodsOptions): Promise<Method> {
  const fleet = await chooseFleet(context);
  const endpoints = await fleetEndpoints(context, fleet);
  const file = await readEndpoints(fleetStore(context.stateFolder, fleet).folders.endpoints);
  const ready = file && selectEndpoints(file, { now: context.clock.now(), all: false, direct: true });
  const cpus = (ready?.endpoints ?? []).map((each) => each.cpus);
  return serversMethod({
    name: 'fleet',
    endpoints,
    token: await fleetToken(context, tokenFile, fleet),
    cores:
      cpus.length === 0 || cpus.includes(null)
        ? null
        : cpus.reduce<number>((sum, each) => sum + (each ?? 0), 0),
  });
}

export async function openPool(
  { path, env }: Context,
  { name, urls }: Pool,
  { tokenFile }: MethodsOptions,
): Promise<Method> {
  const token = await readToken(tokenFile === undefined ? null : path(tokenFile), env);
  return serversMethod({ name, endpoints: urls, token, cores: null });
}

/** Throws kind `tool` if a method does not run the shortest program in one of the languages. */
export async function runFirst(
  method: Method,
  languages: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (const first of FIRST_RUNS.filter(({ language }) => languages.includes(language))) {
    const { verdict, detail } = await method
      .run(first, { stdin: null, expected: 'ready' }, signal)
      .catch((error: unknown) => {
        signal.throwIfAborted();
        return sandboxFailure(String(error));
      });
    if (verdict === 'accepted') continue;
    throw new SandboxctlError('tool', {
      what: `method ${method.name} does not run the shortest program in ${first.language}`,
      detail: `${verdict}: ${detail}`,
      hint: "--method selects other methods. Those of this machine need python3 and g++ on PATH; servers must answer ('sandboxctl endpoints --check')",
    });
  }
}
