import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const CLI = fileURLToPath(new URL('../../../bin/sandboxctl.js', import.meta.url));

export interface Ended {
  code: number | null;
  stderr: string;
}

export interface GatewayCli {
  url: string;
  process: ChildProcess;
  /** What it has said so far. */
  stderr(): string;
  /** Sends SIGTERM and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
  ended: Promise<Ended>;
}

/** `sandboxctl gateway` as a user runs it, ended with its test. Rejects where it does not begin to serve. */
export async function gatewayCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  // A test that runs beside others has its own.
  finished: (end: () => Promise<void>) => void = onTestFinished,
): Promise<GatewayCli> {
  const { child, text, ended } = startCli(args, env);
  finished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr?.on('data', () => {
      const found = /ready on (http:\S+)/.exec(text())?.[1];
      if (found !== undefined) resolve(found);
    });
    ended.then(({ code, stderr }) => reject(new Error(`gateway ended with ${code}: ${stderr}`)));
  });
  const stop = (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal);
    return ended;
  };
  return { url, process: child, stderr: text, stop, ended };
}

/** `sandboxctl gateway` to its end, where it does not begin to serve. */
export function gatewayFails(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return startCli(args, env).ended;
}

function startCli(args: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [CLI, 'gateway', ...args], {
    cwd: '/',
    env: {
      ...{ PATH: process.env.PATH, HOME: '/nonexistent', SANDBOXCTL_STATE_DIR: '/nonexistent/state' },
      ...env,
    },
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
