import { lstatSync, readlinkSync } from 'node:fs';
import type { Shown } from './bwrap.js';

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

/** `more`: folders of tools that lie elsewhere. */
export function shownPaths(more: readonly string[]): Shown[] {
  return [...SHOWN.flatMap(asItIs), ...more.map((path) => ({ path }))];
}

function asItIs(path: string): Shown[] {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  return [found.isSymbolicLink() ? { path, link: readlinkSync(path) } : { path }];
}

/** Whether a path of the host is shown without being asked for. */
export function isShown(path: string): boolean {
  return SHOWN.some((folder) => path === folder || path.startsWith(`${folder}/`));
}
