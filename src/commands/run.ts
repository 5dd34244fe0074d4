import type { RunCodeRequest } from '../api/wire.js';
import { type RunResult, SandboxClient, SandboxInfraError, SandboxRequestError } from '../client/index.js';
import { SandboxctlError } from '../errors.js';
import { fleetStore } from '../state/store.js';
import { parseDuration } from '../text/duration.js';
import { chooseFleet } from './choose-fleet.js';
import type { Context } from './context.js';
import { fleetEndpoints, fleetToken } from './fleet-client.js';
import { redeploy } from './redeploy.js';
import { checkFetch, filesToSend, readNamed, writeFetched } from './run/files.js';
import { languageOf } from './run/language.js';

export interface RunOptions {
  file?: string | undefined;
  language?: string | undefined;
  stdin?: string | undefined;
  timeout?: string | undefined;
  memory?: string | undefined;
  files: readonly string[];
  fetch: readonly string[];
  tokenFile?: string | undefined;
  json?: boolean;
}

const TIMED_OUT = 124;

/** Exits with the program's code (128 + N for signal N, 124 for a timeout). Throws only for failures of ours. */
export async function run(context: Context, options: RunOptions): Promise<void> {
  // Fails before the program runs if the current folder is gone: --fetch writes there.
  const folder = options.fetch.length > 0 ? context.cwd : '';
  const request = await requestOf(context, options);
  const note = (words: string) => context.io.stderr.line(`sandboxctl run: ${words}`);
  const { file = '-', stdin } = options;
  if (file !== '-' && stdin === undefined && context.io.stdinIsGiven()) {
    note('standard input is not passed to the program (--stdin - passes it)');
  }
  const fleet = await chooseFleet(context);
  const endpoints = await fleetEndpoints(context, fleet);
  const token = await fleetToken(context, options.tokenFile, fleet);
  const client = new SandboxClient({ endpoints, ...(token === null ? {} : { token }) });
  const result = await client.run(request, { signal: context.signal }).catch(async (error: unknown) => {
    throw explainFailure(error, fleet, (await fleetStore(context.stateFolder, fleet).readSpec())?.nodes ?? 0);
  });
  await client.close();
  if (options.json) printJson(context, result);
  else await print(context, result, request, note);
  const missing = await writeFetched(folder, options.fetch, result.files);
  if (!options.json) for (const path of missing) note(`no such file after the run: ${path} (--fetch)`);
  context.endWith(exitCode(result));
}

async function requestOf(context: Context, options: RunOptions): Promise<RunCodeRequest> {
  const { io } = context;
  const { file = '-', stdin, fetch } = options;
  const language = languageOf(options.language, file);
  checkFetch(fetch);
  if (file === '-' && stdin === '-') {
    throw usage('standard input cannot be both the program and its input', 'name a file for one of them');
  }
  const runTimeout = options.timeout === undefined ? undefined : seconds(options.timeout);
  const memory = options.memory === undefined ? undefined : megabytes(options.memory);
  return {
    code: file === '-' ? await io.stdin() : await readNamed(context, file),
    language,
    ...(runTimeout === undefined ? {} : { run_timeout: runTimeout }),
    ...(memory === undefined ? {} : { memory_limit_MB: memory }),
    ...(stdin === undefined
      ? {}
      : { stdin: stdin === '-' ? await io.stdin() : await readNamed(context, stdin) }),
    files: await filesToSend(context, options.files),
    fetch_files: [...fetch],
  };
}

async function print(
  { io }: Context,
  { stdout, stderr, dropped, killed, timedOut, stage }: RunResult,
  { run_timeout = 10 }: RunCodeRequest,
  note: (words: string) => void,
): Promise<void> {
  await io.stdout.bytes(stdout);
  await io.stderr.bytes(stderr);
  if (timedOut)
    note(
      stage === 'run'
        ? `program killed: it ran longer than ${run_timeout} s (--timeout)`
        : 'compiler killed: it ran too long',
    );
  if (killed !== null) note(`program killed: it exceeded its ${killed} limit`);
  for (const [name, bytes] of Object.entries(dropped)) {
    if (bytes > 0) note(`${name} truncated: the last ${bytes} bytes are missing`);
  }
}

function printJson({ io }: Context, result: RunResult): void {
  const { url, failedTries, response } = result;
  const told = { schema_version: 1, exit_code: exitCode(result), url, failed_tries: failedTries, response };
  io.stdout.line(JSON.stringify(told));
}

function exitCode({ code, timedOut }: RunResult): number {
  if (timedOut) return TIMED_OUT;
  if (code === null) {
    throw new SandboxctlError('refused', {
      what: 'the server does not tell how the program ended',
      hint: 'run it with --json to see the whole answer',
    });
  }
  return code < 0 ? 128 - code : code;
}

/** How a connection fails that never came to be. */
const UNREACHED = /ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|connection timed out/;

function explainFailure(error: unknown, fleet: string, nodes: number): unknown {
  if (error instanceof SandboxRequestError) {
    return new SandboxctlError('refused', {
      what: 'no sandbox would run this',
      detail: `${error.url} says: ${error.message}`,
      hint: "correct what it names; 'sandboxctl run --help' shows what each flag accepts",
    });
  }
  if (!(error instanceof SandboxInfraError)) return error;
  return new SandboxctlError('refused', {
    what: `the sandboxes failed, not the program: ${error.tries.length} tries on fleet ${fleet}`,
    detail: error.tries.map(({ url, reason }) => `${url}: ${reason}`).join('\n'),
    hint: `'sandboxctl endpoints --check --fleet ${fleet}' asks every server now; ${redeploy(fleet, nodes)}`,
    ...(error.tries.every(({ reason }) => UNREACHED.test(reason)) && { failure: 'server-not-reached' }),
  });
}

function seconds(text: string): number {
  const value = /^\d{1,9}\.\d+$/.test(text) ? Number(text) : parseDuration(text);
  if (value !== undefined && value > 0) return value;
  throw usage(`--timeout takes seconds or a duration such as 90s or 2m, not '${text}'`);
}

function megabytes(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw usage(`--memory takes whole megabytes, not '${text}'`);
}

function usage(what: string, hint = "see 'sandboxctl run --help'"): SandboxctlError {
  return new SandboxctlError('usage', { what, hint });
}
