import { readlinkSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { VisiblePath } from '../../types.js';
import { isBelow } from './homes.js';
import { look } from './look.js';

/**
 * Paths of the host that a sandbox shows: programs, libraries and settings, but no data of users or services (homes,
 * /var, /run, /srv, /mnt, a site's own folders). /nix and /gnu hold the programs of NixOS and Guix; runtimes count
 * CPUs in /sys.
 */
export const SHOWN: readonly string[] = [
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/etc',
  '/opt',
  '/nix',
  '/gnu',
  '/sys/devices/system/cpu',
  '/sys/devices/system/node',
];

/** Folders of the system, even if a service's user has one as its home. */
export const STANDARD: readonly string[] = [
  ...SHOWN,
  ...[
    'bin',
    'sbin',
    'lib',
    'lib32',
    'lib64',
    'libx32',
    'libexec',
    'include',
    'share',
    'games',
    'local',
  ].flatMap((name) => [`/usr/${name}`, `/usr/local/${name}`]),
];

export function shownAlways(): VisiblePath[] {
  return SHOWN.flatMap(asItIs);
}

function asItIs(path: string): VisiblePath[] {
  const found = look(path);
  if (found === undefined) return [];
  return [found.isSymbolicLink() ? { path, link: readlinkSync(path) } : { path }];
}

/** Whether every sandbox shows this path of the host. */
export function isShownAlways(path: string): boolean {
  return SHOWN.some((folder) => isBelow(path, folder));
}

/** Folders of which every sandbox has its own. */
const PRIVATE = ['/tmp', '/proc', '/dev'];

/** Whether a path of the host cannot be shown: it is below a sandbox's own folder, or belongs to this server. */
export function isHidden(path: string, own: readonly string[]): boolean {
  return [...PRIVATE, ...own].some((folder) => isBelow(path, folder));
}

/** The outermost folder above `path` that only its owner may enter. */
export function closedFolder(path: string): string | undefined {
  if (path === '/') return undefined;
  const above = closedFolder(dirname(path));
  if (above !== undefined) return above;
  const found = statSync(path);
  return found.isDirectory() && (found.mode & 0o001) === 0 ? path : undefined;
}
