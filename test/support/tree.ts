import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What git sees as changed or new in the working tree; nothing where this is no clone. */
export async function changedFiles(): Promise<string[]> {
  // Whoever the clone belongs to.
  const argv = ['-c', 'safe.directory=*', 'status', '--porcelain', '--untracked-files=all'];
  const { stdout } = await promisify(execFile)('git', argv).catch(() => ({ stdout: '' }));
  return stdout.split('\n').filter(Boolean);
}
