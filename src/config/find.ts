import { constants, readlinkSync } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { codeOf, messageOf, SandboxctlError } from '../errors.js';
import { inFolder } from '../node.js';

const PROJECT_FILE = 'sandboxctl.yaml';

export interface FoundFile {
  path: string;
  text: string;
}

export async function namedFile(name: string, cwd: string | undefined): Promise<FoundFile> {
  const path = inFolder(cwd, name);
  const text = await read(path);
  if (text !== undefined) return { path, text };
  throw new SandboxctlError('config', {
    what: `the config file ${name} was not found`,
    detail: `looked at ${path}`,
    hint: 'pass an existing file with --config, or leave it out to use the nearest sandboxctl.yaml',
  });
}

/** The path of the deleted current folder: files in the folders above it still count. */
export function deletedFolder(): string {
  try {
    return readlinkSync('/proc/self/cwd').replace(/ \(deleted\)$/, '');
  } catch {
    return '/';
  }
}

export async function projectFile(cwd: string): Promise<FoundFile | undefined> {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const path = join(folder, PROJECT_FILE);
    const text = await read(path);
    if (text !== undefined) return { path, text };
    if (folder === dirname(folder)) return undefined;
  }
}

/** The user's own file. A relative XDG_CONFIG_HOME is ignored, as the XDG specification says. */
export async function userFile(
  env: NodeJS.ProcessEnv,
  home: string | undefined,
): Promise<FoundFile | undefined> {
  const base = env.XDG_CONFIG_HOME;
  const folder = base !== undefined && isAbsolute(base) ? base : home && join(home, '.config');
  if (folder === undefined) return undefined;
  const path = join(folder, 'sandboxctl', 'config.yaml');
  const text = await read(path);
  return text === undefined ? undefined : { path, text };
}

/** Warns about another user's project file: it can name a template, which our jobs run. */
export async function foreignFileWarning(path: string): Promise<string | undefined> {
  return ownerWarning(path, (await stat(path)).uid, process.getuid?.());
}

export function ownerWarning(path: string, owner: number, ours: number | undefined): string | undefined {
  return owner === 0 || owner === ours ? undefined : `${path} belongs to another user (uid ${owner})`;
}

function isSearchable(folder: string): Promise<boolean> {
  return access(folder, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    // A folder of another user (as after `su`) holds no file of ours.
    if (code === 'EACCES' && !(await isSearchable(dirname(path)))) return undefined;
    throw new SandboxctlError('config', {
      what: `the config file ${path} cannot be read`,
      detail: messageOf(error),
      hint: 'make it a readable file, or name another one with --config',
      cause: error,
    });
  }
}
