import { closeSync, openSync } from 'node:fs';
import { execa } from '../vendor/execa.js';
import { notStarted } from './run.js';

export interface Detached {
  pid: number;
  /** Resolves when it has ended, if that happens while we wait for it. */
  ended: Promise<void>;
}

/**
 * Starts a program in a session of its own that outlives this process, without a terminal; its output is appended
 * to `log`. Throws kind `tool` if it cannot be started.
 */
export function detach(
  argv: readonly string[],
  { env, cwd, log }: { env: NodeJS.ProcessEnv; cwd: string; log: string },
): Detached {
  const [file = '', ...args] = argv;
  // Any number will do, but execa's types know those to 9.
  const out = openSync(log, 'a', 0o600) as 3;
  try {
    const child = execa(file, args, {
      ...{ env, cwd, extendEnv: false, detached: true, cleanup: false, reject: false },
      stdio: ['ignore', out, out],
    });
    const ended = child.then(() => undefined);
    if (child.pid === undefined) throw notStarted(file, new Error(`${file} was not started`));
    child.unref();
    return { pid: child.pid, ended };
  } finally {
    closeSync(out);
  }
}
