import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Names of one import, all beside the image: what the nodes see there, and one rename puts in place. */
export interface Work {
  id: string;
  /** 0700: script, credentials, curl's settings. */
  folder: string;
  image: string;
  lock: string;
}

export function lockPath(target: string): string {
  return join(dirname(target), `.${basename(target)}.lock`);
}

export function workNames(target: string, id = randomBytes(6).toString('hex')): Work {
  const stem = join(dirname(target), `.${basename(target)}.${id}`);
  return { id, folder: `${stem}.work`, image: `${stem}.tmp`, lock: lockPath(target) };
}

/** The id in a name that `workNames` made for this target, or undefined for any other name. */
export function importIdOf(target: string, name: string): string | undefined {
  const prefix = `.${basename(target)}.`;
  if (!name.startsWith(prefix)) return undefined;
  return /^([0-9a-f]{12})\.(?:work|tmp)$/.exec(name.slice(prefix.length))?.[1];
}

export async function makeWork(target: string): Promise<Work> {
  const work = workNames(target);
  await mkdir(work.folder, { mode: 0o700 });
  return work;
}

export async function writeWorkFile(work: Work, name: string, text: string): Promise<string> {
  const path = join(work.folder, name);
  await writeFile(path, text, { mode: 0o600, flag: 'wx' });
  return path;
}

export async function removeWork(work: Pick<Work, 'folder' | 'image'>): Promise<void> {
  await rm(work.image, { force: true });
  await rm(work.folder, { recursive: true, force: true });
}
