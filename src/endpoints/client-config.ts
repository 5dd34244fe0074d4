import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CLIENT_ENDINGS, CLIENT_WORDS, clientFormat } from '../config/client-formats.js';
import { codeOf, messageOf, SandboxctlError } from '../errors.js';
import { writeAtomic } from '../files/atomic.js';
import { renderFormat } from './formats/render.js';
import type { EndpointsFile } from './schema.js';
import { selectEndpoints } from './select.js';

/** It holds no token, and trainers of other users may read it: the umask decides. */
const MODE = 0o666;

/** Throws kind `usage` for a name that selects no format. */
export function formatForFile(path: string): string {
  const format = clientFormat(path);
  if (format !== undefined) return format;
  throw new SandboxctlError('usage', {
    what: `the name of ${path} does not select a format`,
    detail: `known endings: ${CLIENT_ENDINGS.join(' ')}; known words: ${CLIENT_WORDS.join(' ')}`,
    hint: `give it one of these endings or words, or write it with 'sandboxctl endpoints --format NAME --write FILE'`,
  });
}

/** Checked before the work begins. Throws kind `usage` for an unknown format, `config` for an unwritable place. */
export async function checkClientConfigs(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    formatForFile(path);
    await checkPlace(path);
  }
}

/** Each file appears whole or not at all; none if one format refuses. Paths are absolute. */
export async function writeClientConfigs(
  paths: readonly string[],
  file: EndpointsFile,
  { direct, note }: { direct: boolean; note?: (line: string) => void },
): Promise<void> {
  const now = Date.parse(file.updated_at);
  const ready = selectEndpoints(file, { now, all: false, direct });
  const texts: [path: string, text: string][] = [];
  for (const path of paths) {
    texts.push([path, await renderFormat(formatForFile(path), ready, { now, note })]);
  }
  for (const [path, text] of texts) await writeClientFile(path, text);
}

/** Throws kind `config` if the file cannot be written. A symbolic link stays one. */
export async function writeClientFile(path: string, text: string): Promise<void> {
  await checkPlace(path);
  try {
    await writeAtomic(await realPlace(path), text, MODE);
  } catch (error) {
    throw unwritable(path, messageOf(error), error);
  }
}

async function checkPlace(path: string): Promise<void> {
  try {
    const real = await realPlace(path);
    await access(dirname(real), constants.W_OK | constants.X_OK);
    const there = await stat(real).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
    // The rename would replace a folder, a pipe or a device by a file.
    if (there !== undefined && !there.isFile()) throw new Error('there is something else than a file');
  } catch (error) {
    throw unwritable(path, messageOf(error), error);
  }
}

async function realPlace(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return path;
    throw error;
  }
}

function unwritable(path: string, words: string, cause: unknown): SandboxctlError {
  return new SandboxctlError('config', {
    what: `${path} cannot be written`,
    detail: words,
    hint: 'make its folder, or choose another place with --write or --client-config',
    cause,
  });
}
