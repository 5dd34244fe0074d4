import { lstatSync, readlinkSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { VisiblePath } from '../../types.js';
import { isBelow } from './homes.js';

/**
 * What a sandbox shows of the host: programs, libraries and settings, and nothing where people or services
 * keep what is theirs (homes, /var, /run, /srv, /mnt and what a site made). /nix and /gnu hold the programs
 * of NixOS and Guix; runtimes count CPUs in /sys.
 */
const SHOWN: readonly string[] = [
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

/** Folders that are the system's own also where a user of a service has one as its home. */
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

/** What every sandbox shows of this machine as it is now. */
export function shownAlways(): VisiblePath[] {
  return SHOWN.flatMap(asItIs);
}

function asItIs(path: string): VisiblePath[] {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  return [found.isSymbolicLink() ? { path, link: readlinkSync(path) } : { path }];
}

/** Whether a path of the host is shown without being asked for. */
export function isShownAlways(path: string): boolean {
  return SHOWN.some((folder) => isBelow(path, folder));
}

/** Folders that every sandbox has for itself. */
const PRIVATE = ['/tmp', '/proc', '/dev'];

/** Whether a path of the host cannot be shown: a sandbox's own folders lie over it, or it is this server's. */
export function isHidden(path: string, own: readonly string[]): boolean {
  return [...PRIVATE, ...own].some((folder) => isBelow(path, folder));
}

/** The outermost folder on the way to `path` through which only its owner may go. */
export function closedFolder(path: string): string | undefined {
  if (path === '/') return undefined;
  const above = closedFolder(dirname(path));
  if (above !== undefined) return above;
  const found = statSync(path);
  return found.isDirectory() && (found.mode & 0o001) === 0 ? path : undefined;
}
