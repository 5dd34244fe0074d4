import { open, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf } from '../errors.js';
import { endedHere, type LockContent, parseLock, readLockFile, renderLock } from './lock-file.js';

/**
 * Reading a lock file and removing it are two steps, between which another process may take the lock. So whoever ends
 * a hold first creates a file exclusively, named by the hold, which never comes back.
 */
export function lockEnder(path: string, by: LockContent, deadAfterMs: number, now: () => number) {
  let hold = '';
  let attempt = 0;
  let seen: { raw: string; since: number } | undefined;
  const claim = (number: number) => join(dirname(path), `.${basename(path)}.${hold}.${number}.end`);

  return async (raw: string): Promise<void> => {
    if (holdOf(raw) !== hold) {
      hold = holdOf(raw);
      attempt = 0;
      seen = undefined;
    }
    if (await makeAlone(claim(attempt), renderLock(by))) {
      const current = await readLockFile(path);
      if (current !== undefined && holdOf(current) === hold) await rm(path, { force: true });
      for (let number = 0; number <= attempt; number++) await rm(claim(number), { force: true });
      return;
    }
    const other = await readLockFile(claim(attempt));
    if (other === undefined) return;
    if (other !== seen?.raw) seen = { raw: other, since: now() };
    const owner = parseLock(other);
    if (now() - seen.since < deadAfterMs && (owner === undefined || !endedHere(owner))) return;
    attempt += 1;
    seen = undefined;
  };
}

/** Removes the files of processes that died while they ended an earlier hold. */
export async function clearEnded(path: string, token: string): Promise<void> {
  const [folder, start] = [dirname(path), `.${basename(path)}.`];
  const isEnded = (name: string) =>
    name.startsWith(start) &&
    /^(?!torn)\w+\.\d+\.end$/.test(name.slice(start.length)) &&
    !name.includes(token);
  const names = await readdir(folder).catch(() => []);
  await Promise.all(
    names.filter(isEnded).map((name) => rm(join(folder, name), { force: true }).catch(() => {})),
  );
}

function holdOf(raw: string): string {
  return parseLock(raw)?.token ?? 'torn';
}

/** False if another process made it, or the folder is gone. */
async function makeAlone(path: string, text: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    // A full disk must not keep a lock from being released.
    await file.writeFile(text).catch(() => undefined);
    await file.close();
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
