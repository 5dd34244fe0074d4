import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian and others have no `python` beside `python3`. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = { python: ['python3'] };

/** Where the tools of the languages are: absolute paths by word. `usable` says which places a sandbox can show. */
export function findTools(
  words: Iterable<string>,
  path: string,
  usable: (path: string) => boolean,
): Map<string, string> {
  const found = new Map<string, string>();
  for (const word of new Set(words)) {
    const names = [word, ...(OTHER_NAMES[word] ?? [])];
    const file = names.map((name) => which(name, path, usable)).find((each) => each !== undefined);
    if (file !== undefined) found.set(word, file);
  }
  return found;
}

function which(name: string, path: string, usable: (path: string) => boolean): string | undefined {
  if (name.startsWith('/')) return executable(name) ? name : undefined;
  return path
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => executable(file) && usable(realpathSync(file)));
}

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
