import { constants } from 'node:fs';
import { type FileHandle, open, statfs } from 'node:fs/promises';
import { FETCH_CAP } from '../../limits/limits.js';
import type { Outcome } from '../../types.js';

/**
 * File systems whose files the kernel generates while they are read, by the numbers of linux/magic.h. Their sizes
 * are wrong, and some never end.
 */
const MADE_BY_KERNEL: ReadonlySet<number> = new Set([
  ...[0x9fa0 /* proc */, 0x62656572 /* sysfs */, 0x63677270 /* cgroup2 */, 0x27e0eb /* cgroup */],
  ...[
    0x64626720 /* debugfs */, 0x74726163 /* tracefs */, 0x73636673 /* securityfs */, 0xf97cff8c /* selinux */,
  ],
  ...[0xcafe4a11 /* bpf */, 0x19800202 /* mqueue */, 0x6165676c /* pstore */, 0x62656570 /* configfs */],
]);

const CHUNK = 1 << 20;

/**
 * The contents of ordinary files by path. Unreadable files, and those that no longer fit, are left out, as in a
 * sandbox. Rejects with the reason of `signal`.
 */
export async function fetchFiles(
  paths: readonly string[],
  signal: AbortSignal,
  cap = FETCH_CAP,
): Promise<Pick<Outcome, 'files' | 'filesDropped'>> {
  const files = new Map<string, Buffer>();
  let room = cap;
  let dropped = 0;
  for (const path of paths) {
    signal.throwIfAborted();
    // Without O_NONBLOCK, opening a named pipe would wait for a writer.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
    if (file === undefined) continue;
    try {
      const content = await readOrdinary(file, room, signal);
      if (typeof content === 'number') dropped += content;
      if (!(content instanceof Buffer)) continue;
      files.set(path, content);
      room -= content.length;
    } finally {
      await file.close();
    }
  }
  return { files, ...(dropped > 0 && { filesDropped: dropped }) };
}

/** The size alone if that is more than `most` bytes; undefined for a file that is not ordinary or cannot be read. */
async function readOrdinary(
  file: FileHandle,
  most: number,
  signal: AbortSignal,
): Promise<Buffer | number | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    const found = await file.stat();
    if (!found.isFile()) return undefined;
    if (MADE_BY_KERNEL.has((await statfs(`/proc/self/fd/${file.fd}`)).type)) return undefined;
    if (found.size > most) return found.size;
    while (length <= most) {
      signal.throwIfAborted();
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(CHUNK, most - length + 1)));
      if (bytesRead === 0) return Buffer.concat(chunks, length);
      chunks.push(buffer.subarray(0, bytesRead));
      length += bytesRead;
    }
    return length;
  } catch {
    signal.throwIfAborted();
  }
  return undefined;
}
