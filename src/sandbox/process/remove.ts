import { execFile } from 'node:child_process';
import { lstatSync, rmdirSync, rmSync, unlinkSync } from 'node:fs';

export async function removeFolder(folder: string, file?: string): Promise<void> {
  if (file !== undefined && removedAlone(folder, file)) return;
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) return;
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // Closed folders, and trees deeper than a path may be long: these tools walk without long paths.
    await tool('chmod', '-R', 'u+rwx', folder);
    await tool('rm', '-rf', '--', folder);
  }
}

/** Most programs leave nothing but what they were given: two calls, where a walk takes some ten. */
function removedAlone(folder: string, file: string): boolean {
  try {
    unlinkSync(file);
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

function tool(name: string, ...args: string[]): Promise<void> {
  return new Promise((resolve) => {
    execFile(name, args, () => resolve());
  });
}
