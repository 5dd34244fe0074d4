import { open, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf } from '../errors.js';
import { endedHere, type LockContent, parseLock, readLockFile, renderLock } from './lock-file.js';

/**
 * Ends holds of one lock: its own holder's at release, and dead ones. Reading a lock file and removing it
 * are two steps, and in between another process may have broken the lock and taken it. So whoever ends a
 * hold first makes a file that only one can make, named by the hold; it never comes back, so neither
 * does the right to remove it.
 */
export function lockEnder(path: string, by: LockContent, deadAfterMs: number, now: () => number) {
  let hold = '';
  /** How many died between making their file and removing the lock. */
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

/** Called by the new holder: removes files that processes left which died while they ended an earlier hold. */
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

/** Files that are not whole have no token and count as one hold. */
function holdOf(raw: string): string {
  return parseLock(raw)?.token ?? 'torn';
}

/** False where somebody else made it, or the folder is gone with everything in it. */
async function makeAlone(path: string, text: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    // That it exists is what counts: a full disk must not keep a lock from being given back.
    await file.writeFile(text).catch(() => undefined);
    await file.close();
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
