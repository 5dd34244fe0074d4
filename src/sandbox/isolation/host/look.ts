import { lstatSync, type Stats } from 'node:fs';

/**
 * What lies at a path; a link is not followed. Undefined also where it cannot be looked at, for example since
 * somebody closed a folder above it or put a file in its place.
 */
export function look(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Differs for another file, also if the file system gives it the number of the last one. */
export function identityOf({ dev, ino, birthtimeMs }: Stats): string {
  return `${dev}:${ino}:${birthtimeMs}`;
}
