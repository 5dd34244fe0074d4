import { lstatSync, readlinkSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { VisiblePath } from '../plan.js';

/**
 * What a sandbox shows of the host: programs, libraries and settings, and nothing where people or services
 * keep what is theirs (homes, /var, /run, /srv, /mnt and what a site made). /nix and /gnu hold the programs
 * of NixOS and Guix.
 */
const SHOWN = [
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
];

/** `more`: folders of tools that lie elsewhere. `own`: what belongs to this server, and is hidden. */
export function shownPaths(more: readonly string[], own: readonly string[]): VisiblePath[] {
  const shown: VisiblePath[] = [...SHOWN.flatMap(asItIs), ...more.map((path) => ({ path }))];
  const below = (path: string) => shown.some((each) => each.link === undefined && isBelow(path, each.path));
  return [...shown, ...own.filter(below).flatMap(masked)];
}

function asItIs(path: string): VisiblePath[] {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  return [found.isSymbolicLink() ? { path, link: readlinkSync(path) } : { path }];
}

function masked(path: string): VisiblePath[] {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? [] : [{ path, masked: found.isDirectory() ? 'folder' : 'file' }];
}

/** Whether a path of the host is shown without being asked for. */
export function isShown(path: string): boolean {
  return SHOWN.some((folder) => isBelow(path, folder));
}

/** Folders that every sandbox has for itself. */
const PRIVATE = ['/tmp', '/proc', '/dev'];

/** Whether a path of the host cannot be shown: a sandbox's own folders lie over it, or it is this server's. */
export function isHidden(path: string, own: readonly string[]): boolean {
  return [...PRIVATE, ...own].some((folder) => isBelow(path, folder));
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** The outermost folder on the way to `path` through which only its owner may go. */
export function closedFolder(path: string): string | undefined {
  if (path === '/') return undefined;
  const above = closedFolder(dirname(path));
  return above ?? ((statSync(path).mode & 0o001) === 0 ? path : undefined);
}
