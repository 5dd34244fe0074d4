import { tmpdir } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { Setup } from '../../doctor/facts.js';
import type { FolderRole } from '../../doctor/machine-facts.js';

/** The folders that sandboxctl, its jobs and an import write to. */
export function foldersOf(
  { config, stateFolder }: Setup,
  imageDir: string,
  cwd: string,
): ReadonlyMap<FolderRole, string> {
  return new Map<FolderRole, string>([
    ['state', stateFolder],
    ['images', imageDir],
    ['logs', dirname(resolve(cwd, config.output)).replaceAll('%%', '%')],
    ['temp', tmpdir()],
    ['shm', '/dev/shm'],
  ]);
}
