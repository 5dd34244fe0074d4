import { open, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { codeOf } from '../errors.js';
import { isRunning } from '../machine/pid.js';
import { isStale, readIfThere } from './atomic.js';

export interface Owner {
  host: string;
  pid: number;
  user: string;
  purpose: string;
  since: string;
}

export interface LockContent extends Owner {
  /** Never used by another hold. */
  token: string;
  beat: number;
}

/** False if it exists. A file that cannot be filled is removed. */
export async function createLockFile(path: string, content: LockContent): Promise<boolean> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, 'wx', 0o600);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    await file.writeFile(renderLock(content));
    await file.sync();
    return true;
  } catch (error) {
    await rm(path, { force: true });
    // The error of a full disk contains no path.
    throw Object.assign(error as Error, { path });
  } finally {
    await file.close();
  }
}

/** In place: a rename would replace the lock of a process that took it over. */
export async function rewriteLockFile(path: string, content: LockContent): Promise<boolean> {
  try {
    const file = await open(path, 'r+');
    try {
      if (parseLock(await file.readFile('utf8'))?.token !== content.token) return false;
      await file.write(renderLock(content), 0);
      await file.datasync();
      return true;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isStale(error)) return rewriteLockFile(path, content);
    // A full disk or a server that is away for a moment does not end the hold; a missing file does.
    return codeOf(error) !== 'ENOENT';
  }
}

/** By open and read: attributes are cached on NFS. */
export async function readLockFile(path: string): Promise<string | undefined> {
  try {
    return await readIfThere(path);
  } catch (error) {
    if (isStale(error)) return undefined;
    throw error;
  }
}

/** Undefined for an incomplete file, whose writer is at work or died. */
export function parseLock(raw: string): LockContent | undefined {
  try {
    const value = JSON.parse(raw) as LockContent;
    return typeof value.token === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** False for a process of another machine, of which nothing is known. */
export function endedHere({ host, pid }: { host: string; pid: number }): boolean {
  return host === hostname() && !isRunning(pid);
}

/** Padded, so that every rewrite covers the one before. */
export function renderLock(content: LockContent): string {
  return `${JSON.stringify({ ...content, beat: String(content.beat).padStart(12, '0') })}\n`;
}
