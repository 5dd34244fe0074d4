import { type FileHandle, open } from 'node:fs/promises';
import { codeOf } from '../errors.js';

export interface Part {
  file: FileHandle;
  size: number;
  /** Changes whenever the file is written to. */
  mark: string;
}

export const CHUNK = 64 * 1024;

/** Opened each time: on NFS only an open asks the server, a stat uses the cache. */
export async function openPart(path: string): Promise<Part | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
  try {
    const { ino, size, mtimeNs } = await file.stat({ bigint: true });
    return { file, size: Number(size), mark: `${ino}:${size}:${mtimeNs}` };
  } catch (error) {
    await file.close();
    throw error;
  }
}

export async function withParts<T>(
  path: string,
  use: (older: Part | undefined, newer: Part | undefined) => Promise<T>,
): Promise<T> {
  const older = await openPart(olderPath(path));
  try {
    const newer = await openPart(path);
    try {
      return await use(older, newer);
    } finally {
      await newer?.file.close();
    }
  } finally {
    await older?.file.close();
  }
}

export function olderPath(path: string): string {
  return `${path}.1`;
}

export async function markAt(path: string): Promise<string | undefined> {
  const part = await openPart(path);
  await part?.file.close();
  return part?.mark;
}

export async function readAt(part: Part, from: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(Math.max(0, length));
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await part.file.read(bytes, filled, bytes.length - filled, from + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

/** If not, the older part is a copy, perhaps incomplete, of the start of the newer. */
export async function wasEmptied(older: Part, newer: Part | undefined): Promise<boolean> {
  if (newer === undefined || newer.size < older.size) return true;
  const length = Math.min(older.size, CHUNK);
  const from = older.size - length;
  return !(await readAt(older, from, length)).equals(await readAt(newer, from, length));
}
