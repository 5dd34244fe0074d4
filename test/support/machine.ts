import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { SYSTEM_PATH } from './paths.js';

/** Where a conda of the site's is looked for. */
export const CONDAS = ['/opt/conda', '/opt/miniforge3', '/opt/miniconda3'];

/** Makes `folder` one for PATH that has these of the system's tools and no other. */
export function onlyTools(folder: string, names: readonly string[]): string {
  mkdirSync(folder, { recursive: true });
  for (const name of names) {
    const place = SYSTEM_PATH.split(':').find((each) => existsSync(join(each, name)));
    if (place === undefined) throw new Error(`${name} is not in ${SYSTEM_PATH}`);
    symlinkSync(join(place, name), join(folder, name));
  }
  return folder;
}

/** Words before a command: for it, those of these folders are empty that this machine has. */
export function withEmpty(...folders: readonly string[]): string[] {
  const there = folders.filter((folder) => existsSync(folder));
  if (there.length === 0) return [];
  const mounts = there.map((folder) => `mount -t tmpfs none ${folder}`).join(' && ');
  const root = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  return ['unshare', ...root, '--mount', 'sh', '-c', `${mounts} && exec "$@"`, 'sh'];
}
