import { readdirSync, readFileSync } from 'node:fs';
import { isAbsolute, normalize, resolve } from 'node:path';
import { SandboxctlError } from './errors.js';

/** setTimeout takes a signed 32-bit number of milliseconds; for more it warns, and fires at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** setTimeout for any number of milliseconds, Infinity included (never). The function returned cancels it. */
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

const WANTED = /warnings|deprecation/;

/** Hides Node's own warnings (SANDBOXCTL_DEBUG=1 shows them) and the debugger that SIGUSR1 would open. */
export function quietNode(env: NodeJS.ProcessEnv = process.env): void {
  process.on('SIGUSR1', () => undefined);
  const wanted = env.SANDBOXCTL_DEBUG === '1' || WANTED.test(env.NODE_OPTIONS ?? '');
  if (!wanted) process.removeAllListeners('warning');
}

/** Undefined if the current folder was deleted. */
export function currentFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

/** Only a relative path needs the folder: throws kind `usage` if that is gone. */
export function inFolder(folder: string | undefined, path: string): string {
  if (isAbsolute(path)) return normalize(path);
  if (folder === undefined) throw folderGone(`${path} is named from there`, ', or name its absolute path');
  return resolve(folder, path);
}

export function folderGone(why: string, more = ''): SandboxctlError {
  return new SandboxctlError('usage', {
    what: 'the folder that this was called in is gone',
    detail: why,
    hint: `change into one that is there, such as with 'cd ~', and run it again${more}`,
  });
}

const CLOSE_ON_EXEC = 0o2_000_000;

/** Descriptors that whoever started this process left open, and that programs started here would inherit. */
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
    return true;
  }
}
