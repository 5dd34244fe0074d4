import { readdirSync, readFileSync } from 'node:fs';
import { isAbsolute, normalize, resolve } from 'node:path';
import { SandboxctlError } from './errors.js';

/** setTimeout takes a signed 32-bit number of milliseconds; for more it warns, and fires at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** Calls `act` after so many milliseconds, at once for less than none, never for Infinity. What comes back takes that back. */
export function after(ms: number, act: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (left: number) => {
    timer =
      left > LONGEST_MS
        ? setTimeout(() => wait(left - LONGEST_MS), LONGEST_MS)
        : setTimeout(act, Math.max(0, left));
  };
  wait(ms);
  return () => clearTimeout(timer);
}

/** What somebody sets who wants to see Node's warnings. */
const WANTED = /warnings|deprecation/;

/**
 * Keeps what Node says of itself from the users of a program: its warnings (SANDBOXCTL_DEBUG=1 and Node's own
 * options show them), and the debugger that SIGUSR1 starts, on a port that every user of the machine reaches.
 */
export function quietNode(env: NodeJS.ProcessEnv = process.env): void {
  process.on('SIGUSR1', () => undefined);
  const wanted = env.SANDBOXCTL_DEBUG === '1' || WANTED.test(env.NODE_OPTIONS ?? '');
  if (!wanted) process.removeAllListeners('warning');
}

/** The folder that this process stands in; undefined where somebody deleted it. */
export function currentFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

/**
 * The absolute path of what somebody named in a folder; undefined is one that was deleted while they stood in
 * it. Only a relative path needs it: throws kind `usage` for one where it is gone.
 */
export function inFolder(folder: string | undefined, path: string): string {
  if (isAbsolute(path)) return normalize(path);
  if (folder === undefined) throw folderGone(`${path} is named from there`, ', or name its absolute path');
  return resolve(folder, path);
}

/** For what cannot do without the folder of the call; `more` is what else helps. */
export function folderGone(why: string, more = ''): SandboxctlError {
  return new SandboxctlError('usage', {
    what: 'the folder that this was called in is gone',
    detail: why,
    hint: `change into one that is there, such as with 'cd ~', and run it again${more}`,
  });
}

/** O_CLOEXEC of fcntl(2). */
const CLOSE_ON_EXEC = 0o2_000_000;

/**
 * Descriptors beside the standard ones that whoever started this process left open, and that each program started
 * here would get. Node itself closes its own, and those below the first gap (uv_disable_stdio_inheritance).
 */
export function inheritedDescriptors(): number[] {
  try {
    return readdirSync('/proc/self/fdinfo')
      .map(Number)
      .filter((fd) => fd > 2 && !closesOnExec(fd));
  } catch {
    return [];
  }
}

function closesOnExec(fd: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1];
    return (Number.parseInt(flags ?? '0', 8) & CLOSE_ON_EXEC) !== 0;
  } catch {
    // What listed the folder is closed by now.
    return true;
  }
}
