import { accessSync, constants, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { VisiblePath } from '../plan.js';

/** How deep settings with secrets lie below /etc. */
const DEPTH = 3;

/**
 * Files and folders of /etc that are not for everybody and that this server's user can read: what runs as the
 * same user must not see them. A user of the sandbox's own needs no mask, since the kernel refuses it.
 */
export function secretsOfEtc(): VisiblePath[] {
  return unreadableByOthers('/etc', DEPTH);
}

function unreadableByOthers(folder: string, depth: number): VisiblePath[] {
  return readdirSync(folder).flatMap((name): VisiblePath[] => {
    const path = join(folder, name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined || !readable(path)) return [];
    if (found.isDirectory()) {
      if ((found.mode & 0o005) !== 0o005) return [{ path, masked: 'folder' }];
      return depth > 1 ? unreadableByOthers(path, depth - 1) : [];
    }
    return found.isFile() && (found.mode & 0o004) === 0 ? [{ path, masked: 'file' }] : [];
  });
}

function readable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
