import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize, relative, resolve } from 'node:path';
import { messageOf, SandboxctlError } from '../../errors.js';

/** Text of a file that the user named. Throws kind `usage` where it cannot be read. */
export async function readNamed(cwd: string, path: string): Promise<string> {
  return (await readBytes(cwd, path)).toString('utf8');
}

async function readBytes(cwd: string, path: string): Promise<Buffer> {
  try {
    return await readFile(resolve(cwd, path));
  } catch (error) {
    throw new SandboxctlError('usage', {
      what: `${path} cannot be read`,
      words: messageOf(error),
      hint: "see 'sandboxctl run --help'",
      cause: error,
    });
  }
}

/** What goes along with the program: by its path below the folder of the call, else by its bare name. */
export async function filesToSend(cwd: string, paths: readonly string[]): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const path of paths) {
    const below = relative(cwd, resolve(cwd, path));
    const name = below.startsWith('..') || isAbsolute(below) ? basename(path) : below;
    if (Object.hasOwn(files, name)) {
      throw new SandboxctlError('usage', {
        what: `two files would stand as ${name} beside the program`,
        hint: 'give each a name of its own',
      });
    }
    files[name] = (await readBytes(cwd, path)).toString('base64');
  }
  return files;
}

/** Paths to bring back: below the program's folder there, and below the folder of the call here. */
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

/** Writes what came back, and says what did not; only what was asked for is written, whatever came. */
export async function writeFetched(
  cwd: string,
  paths: readonly string[],
  files: ReadonlyMap<string, Buffer>,
): Promise<{ missing: string[] }> {
  const missing: string[] = [];
  for (const path of paths) {
    const content = files.get(path);
    if (content === undefined) {
      missing.push(path);
      continue;
    }
    const target = join(cwd, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
  }
  return { missing };
}
