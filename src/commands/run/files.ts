import { readFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize, relative } from 'node:path';
import { messageOf, SandboxctlError } from '../../errors.js';
import { makeFolder, writeAtomic } from '../../files/atomic.js';
import { strictText } from '../../text/utf8.js';
import type { Context } from '../context.js';

type Place = Pick<Context, 'cwd' | 'path'>;

/** Text of a file that the user named. Throws kind `usage` if it cannot be read. */
export async function readNamed(context: Place, path: string): Promise<string> {
  const bytes = await readBytes(context, path);
  try {
    return strictText(bytes);
  } catch (error) {
    throw new SandboxctlError('usage', {
      what: `${path} is no text that a program or its input can be sent as`,
      detail: messageOf(error),
      hint: 'send it as it is with --file, and let a program read it',
      cause: error,
    });
  }
}

async function readBytes(context: Place, path: string): Promise<Buffer> {
  const place = context.path(path);
  try {
    return await readFile(place);
  } catch (error) {
    throw new SandboxctlError('usage', {
      what: `${path} cannot be read`,
      detail: messageOf(error),
      hint: "see 'sandboxctl run --help'",
      cause: error,
    });
  }
}

/** The files that are uploaded with the program, by their path below the current folder, else by their base name. */
export async function filesToSend(context: Place, paths: readonly string[]): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const path of paths) {
    const below = relative(context.cwd, context.path(path));
    const name = below.startsWith('..') || isAbsolute(below) ? basename(path) : below;
    if (Object.hasOwn(files, name)) {
      throw new SandboxctlError('usage', {
        what: `two files would be uploaded as ${name}`,
        hint: 'give each a name of its own',
      });
    }
    files[name] = (await readBytes(context, path)).toString('base64');
  }
  return files;
}

/** Checks the paths to download: below the program's folder there, and below the current folder here. */
export function checkFetch(paths: readonly string[]): void {
  for (const path of paths) {
    const whole = normalize(path);
    if (!isAbsolute(path) && whole !== '.' && whole !== '..' && !whole.startsWith('../')) continue;
    throw new SandboxctlError('usage', {
      what: `--fetch takes a path below the program's folder, not ${path}`,
      hint: 'let the program write into the folder that it starts in',
    });
  }
}

/** Mode before the umask. */
const MODE = 0o666;

/** Writes each requested file atomically; returns the paths that are missing. Throws kind `tool`. */
export async function writeFetched(
  cwd: string,
  paths: readonly string[],
  files: ReadonlyMap<string, Buffer>,
): Promise<string[]> {
  const missing: string[] = [];
  for (const path of paths) {
    const content = files.get(path);
    if (content === undefined) {
      missing.push(path);
      continue;
    }
    const target = join(cwd, path);
    try {
      await makeFolder(dirname(target));
      await writeAtomic(target, content, MODE);
    } catch (error) {
      throw new SandboxctlError('tool', {
        what: `${target} could not be written; the program itself has run`,
        detail: messageOf(error),
        hint: "free some space there, or run 'sandboxctl run' in another folder: what --fetch brings lies below it",
        cause: error,
      });
    }
  }
  return missing;
}
