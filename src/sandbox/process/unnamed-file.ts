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

function openAnywhere(): number {
  for (const place of places.slice(0, -1)) {
    try {
      return openSync(place, O_TMPFILE | constants.O_RDWR, 0o600);
    } catch {}
  }
  return openSync(places.at(-1) ?? '/tmp', O_TMPFILE | constants.O_RDWR, 0o600);
}
