import { delimiter, isAbsolute, join } from 'node:path';

/** In the order of PATH. Only absolute entries: others depend on the current folder. */
export function candidates(tool: string, path: string | undefined): string[] {
  return (path ?? '')
    .split(delimiter)
    .filter((folder) => isAbsolute(folder))
    .map((folder) => join(folder, tool));
}
