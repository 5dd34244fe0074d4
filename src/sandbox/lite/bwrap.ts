import type { Program } from '../types.js';
import { CODE_FD } from './driver.js';

/** A folder or link of the host that a sandbox shows at the same place, read-only. */
export interface Shown {
  path: string;
  /** Where a link points to. */
  link?: string;
  /** Nothing is shown there: a secret. */
  masked?: 'file' | 'folder';
}

export interface Box {
  bwrap: string;
  shown: readonly Shown[];
  /** Bytes of the private /tmp. */
  tmpSize: number;
  network: boolean;
}

/** Bytes of /dev/shm: enough for semaphores and small shared arrays. */
const SHM_SIZE = 64 * 2 ** 20;

/** What does not differ from run to run. */
export function boxWords({ bwrap, shown, tmpSize, network }: Box): string[] {
  return [
    bwrap,
    ...['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--as-pid-1'],
    ...(network ? [] : ['--unshare-net']),
    ...['--die-with-parent', '--uid', '0', '--gid', '0', '--hostname', 'sandbox'],
    ...shown.flatMap(shownWords),
    ...['--proc', '/proc', '--dev', '/dev', '--perms', '1777', '--size', String(SHM_SIZE)],
    ...['--tmpfs', '/dev/shm', '--remount-ro', '/dev'],
    ...['--perms', '1777', '--size', String(tmpSize), '--tmpfs', '/tmp'],
  ];
}

function shownWords({ path, link, masked }: Shown): string[] {
  if (link !== undefined) return ['--symlink', link, path];
  if (masked === 'file') return ['--ro-bind', '/dev/null', path];
  if (masked === 'folder') return ['--tmpfs', path, '--remount-ro', path];
  return ['--ro-bind', path, path];
}

/** The words that run one program; its code comes by a descriptor of its own. */
export function runWords(box: readonly string[], program: Program, script: string): string[] {
  const { folder, file } = program;
  return [
    ...box,
    ...['--dir', folder, '--file', String(CODE_FD), file, '--remount-ro', '/', '--chdir', folder],
    ...['/bin/sh', '-c', script],
  ];
}
