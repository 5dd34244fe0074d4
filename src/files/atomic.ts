import { link, lstat, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { codeOf } from '../errors.js';

/** Two hosts write to one folder, so it carries the host and a random part. */
export function temporaryName(path: string): string {
  // The global, since loading node:crypto would take a tenth of the time of a command that only reads.
  return join(dirname(path), `.${basename(path)}.${hostname()}.${crypto.randomUUID().slice(0, 13)}.tmp`);
}

/** Writes a file atomically, also on NFS: temporary name, fsync, rename. */
export function writeAtomic(path: string, text: string | Uint8Array, mode = 0o600): Promise<void> {
  return writeBeside(path, text, mode, (temporary) => rename(temporary, path));
}

/** The same for a new file: throws EEXIST if it exists. */
export function writeNew(path: string, text: string, mode: number): Promise<void> {
  return writeBeside(path, text, mode, async (temporary) => {
    await link(temporary, path);
    await rm(temporary, { force: true });
  });
}

async function writeBeside(
  path: string,
  text: string | Uint8Array,
  mode: number,
  place: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = temporaryName(path);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await place(temporary);
  } catch (error) {
    await rm(temporary, { force: true });
    // The error of a full disk contains no path.
    if (error instanceof Error && !('path' in error)) Object.assign(error, { path });
    throw error;
  }
}

const UNWRITABLE = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS', 'EACCES', 'EPERM', 'EIO']);

/** Whether an error, or its cause, means that the place cannot be written: a full or read-only disk, no permission. */
export function isUnwritable(error: unknown): boolean {
  return UNWRITABLE.has(codeOf(error) ?? '') || (error instanceof Error && isUnwritable(error.cause));
}

export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeAtomic(path, `${JSON.stringify(value, null, 1)}\n`);
}

/** True for a dangling link too. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

const STALE_RETRIES = 10;

/** NFS: another host replaced the file that we had opened; opening it again helps. */
export function isStale(error: unknown): boolean {
  return codeOf(error) === 'ESTALE';
}

export async function readIfThere(path: string): Promise<string | undefined> {
  return askTwice(path, () => readNow(path));
}

export async function listIfThere(folder: string): Promise<string[]> {
  return (await askTwice(folder, () => listNow(folder))) ?? [];
}

/**
 * Asks again if a path seems missing although its folder lists it: NFS caches missing names for up to a minute
 * (acdirmax), but a folder that is read is up to date.
 */
export async function askTwice<T>(path: string, ask: () => Promise<T>): Promise<T> {
  const answer = await ask();
  return answer === undefined && (await isListed(path)) ? ask() : answer;
}

async function isListed(path: string): Promise<boolean> {
  const folder = dirname(path);
  if (folder === path) return false;
  const names = await listIfThere(folder).catch((): string[] => []);
  return names.includes(basename(path));
}

async function readNow(path: string, retries = STALE_RETRIES): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (isStale(error) && retries > 0) return readNow(path, retries - 1);
    throw error;
  }
}

async function listNow(folder: string): Promise<string[] | undefined> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';
}

export function privateFolder(path: string): Promise<string> {
  return makeFolder(path, 0o700);
}

/** Node's recursive mkdir never returns for a path below /proc, where a parent exists and still answers ENOENT. */
export async function makeFolder(path: string, mode = 0o777): Promise<string> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && (await stat(path)).isDirectory()) return path;
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path), mode);
    await mkdir(path, { mode }).catch((again: unknown) => {
      if (codeOf(again) !== 'EEXIST') throw again;
    });
  }
  return path;
}
