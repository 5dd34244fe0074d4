import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';

/** Removes a folder that a program has had for itself, whatever that has made of it. */
export async function removeFolder(folder: string): Promise<void> {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // Closed folders, and trees deeper than a path may be long: these tools walk without long paths.
    await tool('chmod', '-R', 'u+rwx', folder);
    await tool('rm', '-rf', '--', folder);
  }
}

/** Resolves when it has ended, however. */
function tool(name: string, ...args: string[]): Promise<void> {
  return new Promise((resolve) => {
    execFile(name, args, () => resolve());
  });
}
