import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { until } from '../support/until.js';

export { until };

export interface Held {
  pid: number;
  stdin: Writable;
}

/**
 * Starts a process that outlives this one and holds namespaces open; it writes its pid, as the machine
 * counts, to `pidFile` as soon as it is inside.
 */
export async function holdNamespaces(
  program: readonly string[],
  args: readonly string[],
  pidFile: string,
  options: { log: string; env?: Record<string, string> },
): Promise<Held> {
  const [file = '', ...rest] = [...program, ...args];
  const log = openSync(options.log, 'a');
  const child = spawn(file, rest, {
    cwd: '/',
    env: options.env ?? process.env,
    detached: true,
    stdio: ['pipe', log, log],
  });
  closeSync(log);
  let failure: Error | undefined;
  child.once('error', (error) => {
    failure = error;
  });
  child.once('exit', (code, signal) => {
    failure ??= new Error(`${file} ended (${signal ?? code})`);
  });
  const { stdin } = child;
  if (!stdin) throw new Error('a pipe was asked for');
  stdin.on('error', () => {});
  child.unref();
  const pid = await until(`${args.join(' ')} in its namespaces`, () => {
    if (failure) throw new Error(`${failure.message}\n${readFileSync(options.log, 'utf8')}`);
    return readPid(pidFile);
  });
  return { pid, stdin };
}

export function readPid(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}
