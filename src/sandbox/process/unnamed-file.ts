import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** Linux's O_TMPFILE, which Node has no name for: a file without a name, gone with its last descriptor. */
const O_TMPFILE = 0o20_000_000 | constants.O_DIRECTORY;

const places = ['/dev/shm', tmpdir()];

/** A descriptor from which `bytes` can be read, and nothing on any disk. The caller closes it. */
export function unnamedFile(bytes: string | Buffer): number {
  const fd = openAnywhere();
  try {
    const buffer = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    for (let at = 0; at < buffer.length; ) at += writeSync(fd, buffer, at, buffer.length - at, at);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Bytes that many are given to read, each by a descriptor with a place of its own in them. */
export class KeptBytes {
  private readonly fd: number;

  constructor(bytes: Buffer) {
    this.fd = unnamedFile(bytes);
  }

  /** Read-only. The caller closes it. */
  open(): number {
    return openSync(`/proc/self/fd/${this.fd}`, constants.O_RDONLY);
  }

  close(): void {
    closeSync(this.fd);
  }
}

/**
 * A read-only descriptor of a file that can be executed by /proc/self/fd, for as long as it is open; undefined where
 * no place lets `runs` succeed with it.
 */
export function executableFile(bytes: Buffer, runs: (fd: number) => boolean): number | undefined {
  for (const place of places) {
    let fd: number | undefined;
    try {
      const writable = openSync(place, O_TMPFILE | constants.O_RDWR, 0o700);
      writeSync(writable, bytes);
      // The kernel executes nothing that somebody may write to.
      fd = openSync(`/proc/self/fd/${writable}`, constants.O_RDONLY);
      closeSync(writable);
    } catch {
      // Not there, or not for us.
    }
    if (fd === undefined) continue;
    if (runs(fd)) return fd;
    closeSync(fd);
  }
  return undefined;
}

function openAnywhere(): number {
  for (const place of places.slice(0, -1)) {
    try {
      return openSync(place, O_TMPFILE | constants.O_RDWR, 0o600);
    } catch {}
  }
  return openSync(places.at(-1) ?? '/tmp', O_TMPFILE | constants.O_RDWR, 0o600);
}
