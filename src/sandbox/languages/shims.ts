import { execFile } from 'node:child_process';
import { closeSync, openSync, readSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** Version managers put a shim on PATH for each tool; with all of these, `MANAGER which TOOL` prints the real one. */
const MANAGER = '(?:asdf|mise|rtx|pyenv|rbenv|nodenv|goenv|phpenv|luaenv|jenv|plenv|volta)';
const EXECUTES = new RegExp(`((?:/[^\\s"']*/)?${MANAGER})["']?\\s+(?:exec|x)\\b`);
const HEAD_BYTES = 4096;
const ASK_MS = 10_000;

/** Undefined for a file that is not a version manager's. */
export function managerOf(file: string): string | undefined {
  const real = realpathSync(file);
  const [, named] = new RegExp(`^(${MANAGER})(?:-shim)?$`).exec(basename(real)) ?? [];
  if (named !== undefined) return basename(real) === named ? real : join(dirname(real), named);
  const text = headOf(real);
  return text.startsWith('#!') ? EXECUTES.exec(text)?.[1] : undefined;
}

export async function behindShim(
  manager: string,
  tool: string,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const asked = promisify(execFile)(manager, ['which', tool], { env, cwd: '/', timeout: ASK_MS });
  const text = await asked.then(({ stdout }) => stdout).catch(() => '');
  return text.split('\n').find((line) => line.startsWith('/'));
}

function headOf(file: string): string {
  const bytes = Buffer.alloc(HEAD_BYTES);
  const fd = openSync(file, 'r');
  try {
    return bytes.toString('latin1', 0, readSync(fd, bytes, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(fd);
  }
}
