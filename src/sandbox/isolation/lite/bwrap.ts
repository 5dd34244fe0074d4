import { HEADERS, type Program, type VisiblePath } from '../../types.js';
import type { LitePlan } from '../plan.js';
import { DRIVER_SHELL, FD, WAITER } from './driver.js';
import { HOST_NAME, HOSTS } from './hosts.js';

/**
 * The words that do not differ from run to run. `copies`: the descriptors of files of ours. Root, also of a container, would keep its
 * capabilities.
 */
export function bwrapPrefix(plan: LitePlan, copies: ReadonlyMap<number, unknown>): string[] {
  return [
    plan.bwrap,
    ...['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--as-pid-1', '--new-session'],
    ...(plan.network ? [] : ['--unshare-net']),
    ...['--die-with-parent', '--uid', '0', '--gid', '0', '--hostname', HOST_NAME, '--cap-drop', 'ALL'],
    ...plan.visible.flatMap(shownWords),
    // Only after the mounts inside them have been made.
    ...plan.visible.filter((each) => each.masked === 'folder').flatMap(({ path }) => ['--remount-ro', path]),
    ...(copies.has(FD.hosts) ? ['--ro-bind-data', String(FD.hosts), HOSTS] : []),
    ...['--proc', '/proc', ...(plan.keysListed ? ['--ro-bind', '/dev/null', '/proc/keys'] : [])],
    ...['--dev', '/dev', '--perms', '0111', '--file', String(FD.shell), DRIVER_SHELL],
    ...(copies.has(FD.waiter) ? ['--perms', '0111', '--file', String(FD.waiter), WAITER] : []),
    ...['--remount-ro', '/dev'],
    ...['--perms', '1777', '--size', String(plan.tmpSize), '--tmpfs', '/tmp', '--remount-ro', '/'],
    ...(plan.filtered ? ['--seccomp', String(FD.seccomp)] : []),
  ];
}

function shownWords({ path, link, masked }: VisiblePath): string[] {
  if (link !== undefined) return ['--symlink', link, path];
  if (masked === 'file') return ['--ro-bind', '/dev/null', path];
  if (masked === 'folder') return ['--tmpfs', path];
  return ['--ro-bind-try', path, path];
}

/** The arguments of one run. Its code is read from a descriptor. */
export function bwrapWords(
  box: readonly string[],
  { folder, file, limits, headers }: Program,
  script: string,
): string[] {
  return [
    ...box,
    // Its content counts as the run's memory, so it may be as large as that.
    ...['--perms', '1777', '--size', String(limits.memory), '--tmpfs', '/dev/shm'],
    ...['--perms', '0700', '--dir', folder, '--perms', '0644', '--file', String(FD.code), file],
    ...(headers === undefined ? [] : ['--ro-bind', headers, HEADERS]),
    ...['--chdir', folder],
    ...[DRIVER_SHELL, '-c', script],
  ];
}
