import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CLIENT_TIMEOUT_HEADER } from '../../../src/api/client-timeout.js';
import type { RunCodeRequest, RunCodeResponse } from '../../../src/api/wire.js';
import { type Ended, type ServerProcess, startServer } from '../../support/server-process.js';

/** Where every user may run it. */
const PACKAGE = process.env.SANDBOXCTL_TEST_PACKAGE ?? fileURLToPath(new URL('../../..', import.meta.url));
const CLI = join(PACKAGE, 'bin/sandboxctl.js');

const JSON_TYPE = { 'content-type': 'application/json' };
/** Of a caller who waits until a program has had its CPU time, also where others use the CPUs. */
export const PATIENT = { ...JSON_TYPE, [CLIENT_TIMEOUT_HEADER]: '240' };

export interface ServeCliOptions {
  env?: Readonly<Record<string, string>>;
  /** Words before node: setpriv, or what hides bubblewrap. */
  before?: readonly string[];
  cwd?: string;
  /** What it reads on stdin. */
  input?: string;
}

export interface ServedCli extends ServerProcess {
  url: string;
  run(request: RunCodeRequest, signal?: AbortSignal): Promise<RunCodeResponse>;
  post(body: unknown, init?: RequestInit): Promise<Response>;
}

/** `sandboxctl serve` on a free port, as a user runs it. */
export async function serveCli(
  args: readonly string[] = [],
  options: ServeCliOptions = {},
): Promise<ServedCli> {
  const server = start(['--listen', '127.0.0.1:0', ...args], options);
  const url = await server.ready();
  const post = (body: unknown, init: RequestInit = {}) =>
    fetch(`${url}/run_code`, {
      method: 'POST',
      headers: JSON_TYPE,
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...init,
    });
  return {
    ...server,
    url,
    post,
    run: async (request, signal) => {
      const answer = await post(request, { headers: PATIENT, ...(signal && { signal }) });
      return (await answer.json()) as RunCodeResponse;
    },
  };
}

/** `sandboxctl serve` to its end, where it does not begin to serve. */
export function serveFails(args: readonly string[], options: ServeCliOptions = {}): Promise<Ended> {
  return start(args, options).ended;
}

function start(args: readonly string[], { before = [], ...options }: ServeCliOptions): ServerProcess {
  return startServer([...before, process.execPath, CLI, 'serve', ...args], options);
}
