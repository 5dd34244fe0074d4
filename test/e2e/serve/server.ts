import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunCodeRequest, RunCodeResponse } from '../../../src/api/wire.js';

/** Where every user may run it. */
const PACKAGE = process.env.SANDBOXCTL_TEST_PACKAGE ?? fileURLToPath(new URL('../../..', import.meta.url));
const CLI = join(PACKAGE, 'bin/sandboxctl.js');

export interface ServeCliOptions {
  env?: Readonly<Record<string, string>>;
  /** Words before node: setpriv, or what hides bubblewrap. */
  before?: readonly string[];
  cwd?: string;
}

export interface Ended {
  code: number | null;
  stderr: string;
}

export interface ServedCli {
  url: string;
  process: ChildProcess;
  /** What it has said so far. */
  stderr(): string;
  /** Sends SIGTERM and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
  run(request: RunCodeRequest, signal?: AbortSignal): Promise<RunCodeResponse>;
  post(body: unknown, init?: RequestInit): Promise<Response>;
}

/** `sandboxctl serve` on a free port, as a user runs it. */
export async function serveCli(
  args: readonly string[] = [],
  options: ServeCliOptions = {},
): Promise<ServedCli> {
  const { child, text, ended } = startCli(['--listen', '127.0.0.1:0', ...args], options);
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr?.on('data', () => {
      const found = /ready on (http:\S+)/.exec(text())?.[1];
      if (found !== undefined) resolve(found);
    });
    ended.then(({ code, stderr }) => reject(new Error(`serve ended with ${code}: ${stderr}`)));
  });
  const post = (body: unknown, init: RequestInit = {}) =>
    fetch(`${url}/run_code`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...init,
    });
  return {
    url,
    process: child,
    stderr: text,
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
    post,
    run: async (request, signal) => {
      const answer = await post(request, signal === undefined ? {} : { signal });
      return (await answer.json()) as RunCodeResponse;
    },
  };
}

/** `sandboxctl serve` to its end, where it does not begin to serve. */
export function serveFails(args: readonly string[], options: ServeCliOptions = {}): Promise<Ended> {
  return startCli(args, options).ended;
}

function startCli(args: readonly string[], { env = {}, before = [], cwd = '/' }: ServeCliOptions) {
  const [file = '', ...rest] = [...before, process.execPath, CLI, 'serve', ...args];
  const { PATH } = process.env;
  const child = spawn(file, rest, {
    cwd,
    // Built anew: neither the configuration nor the state of who runs the tests may show in them.
    env: { PATH, HOME: '/nonexistent', SANDBOXCTL_STATE_DIR: '/nonexistent/state', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => resolve({ code, stderr: said }));
  });
  return { child, text: () => said, ended };
}
