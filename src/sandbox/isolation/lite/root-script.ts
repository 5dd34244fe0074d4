import type { LitePlan } from '../plan.js';
import { quoted } from './driver.js';
import { HOSTS, hostsFile } from './hosts.js';
import { placeholder } from './stage.js';

const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];

/**
 * The lines of a shell script that makes the root of sandboxes, all of it read-only, in a mount namespace of its own.
 * `more`: lines that put more into its `dev`, from the new root as working folder.
 */
export function rootScript(plan: LitePlan, more: readonly string[]): string[] {
  const lines = ['set -e', 'n=/mnt', 'mount -t tmpfs -o mode=755,size=1m,nosuid,nodev sandbox $n', 'cd $n'];
  for (const { path, link, masked } of plan.visible) {
    const [from, to] = [quoted([path]), quoted([`.${path}`])];
    // What has vanished since somebody looked is neither shown nor hidden.
    const unlessGone = (mount: string, what: string) => `${mount} ${to} || [ ! -e ${what} ]`;
    if (link !== undefined) lines.push(`ln -s ${quoted([link])} ${to}`);
    else if (masked === 'file') lines.push(unlessGone('mount --bind /dev/null', to));
    else if (masked === 'folder') lines.push(unlessGone('mount -t tmpfs -o mode=755,size=1m sandbox', to));
    else lines.push(...placeholder(from, to), unlessGone(`mount --rbind ${from}`, from));
  }
  const hosts = hostsFile();
  if (hosts !== undefined) {
    lines.push(`printf %s ${quoted([hosts.toString()])} >hosts`, `mount --bind hosts .${HOSTS}`, 'rm hosts');
  }
  return [
    ...lines,
    'mkdir proc dev tmp old',
    'mount -t proc proc proc',
    'mount -t tmpfs -o mode=755,size=8m,nosuid sandbox dev',
    'mkdir dev/.driver dev/shm dev/pts',
    ...DEVICES.flatMap((name) => [`: >dev/${name}`, `mount --bind /dev/${name} dev/${name}`]),
    'ln -s /proc/self/fd dev/fd',
    'ln -s /proc/self/fd/0 dev/stdin',
    'ln -s /proc/self/fd/1 dev/stdout',
    'ln -s /proc/self/fd/2 dev/stderr',
    'ln -s pts/ptmx dev/ptmx',
    ...more,
    'pivot_root . old',
    'cd /',
    'umount -l /old',
    'rmdir old',
    // The flags that a mount already has must be repeated: they cannot be removed in a user namespace.
    'while read -r _ _ _ _ point flags _; do',
    '  case $point in /proc | /proc/* | /dev/*) continue ;; esac',
    `  mount -o "remount,bind,ro,\${flags#rw,}" "$(printf %b "$point")" || ! grep -qF " $point " /proc/self/mountinfo`,
    'done </proc/self/mountinfo',
  ];
}
