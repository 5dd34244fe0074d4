import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Setup } from '../../doctor/facts.js';
import type { FolderRole } from '../../doctor/machine-facts.js';

/** The folders that sandboxctl, its jobs and an import write to. */
export function foldersOf(
  { config, stateFolder }: Setup,
  imageDir: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
): ReadonlyMap<FolderRole, string> {
  return new Map<FolderRole, string>([
    ['state', stateFolder],
    ['images', imageDir],
    ['logs', dirname(resolve(cwd, config.output)).replaceAll('%%', '%')],
    ['temp', tmpdir()],
    ['cache', env.ENROOT_CACHE_PATH || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'enroot')],
    ['shm', '/dev/shm'],
  ]);
}
