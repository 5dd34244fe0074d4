import { delimiter, isAbsolute, join } from 'node:path';

/** Where a tool may be, in the order of PATH. Only absolute entries, since another depends on the current folder. */
export function candidates(tool: string, path: string | undefined): string[] {
  return (path ?? '')
    .split(delimiter)
    .filter((folder) => isAbsolute(folder))
    .map((folder) => join(folder, tool));
}
