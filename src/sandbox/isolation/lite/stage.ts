import { spawnSync } from 'node:child_process';
import { firstWords } from '../../../errors.js';
import { SandboxFailure } from '../../types.js';
import { closedFolder } from '../host/system.js';
import { quoted } from './driver.js';

/** Any folder that always exists; it is mounted over for a moment. */
const COVERED = '/mnt';

/**
 * Makes tools in folders that only root may enter accessible to the users of sandboxes. It works in a mount
 * namespace of its own, where each closed folder is replaced by one that contains only these tools. Throws
 * SandboxFailure.
 */
export function stageTools(folders: readonly string[]): void {
  const script = stageScript(folders.map((path) => ({ path, closed: closedFolder(path) ?? path })));
  const { status, stderr, error } = spawnSync('/bin/sh', ['-c', script], { encoding: 'utf8' });
  if (status !== 0) throw new SandboxFailure(error?.message ?? firstWords(stderr));
}

function stageScript(folders: readonly { path: string; closed: string }[]): string {
  const size = 'mode=755,size=1m';
  const lines = ['set -e', `mount -t tmpfs -o ${size} sandbox ${COVERED}`];
  folders.forEach(({ path }, index) => {
    const place = `${COVERED}/${index}`;
    lines.push(...placeholder(quoted([path]), place), `mount --rbind ${quoted([path])} ${place}`);
  });
  for (const closed of new Set(folders.map((each) => each.closed))) {
    lines.push(`mount -t tmpfs -o ${size} sandbox ${quoted([closed])}`);
  }
  folders.forEach(({ path }, index) => {
    const place = `${COVERED}/${index}`;
    lines.push(...placeholder(place, quoted([path])), `mount --move ${place} ${quoted([path])}`);
  });
  return [...lines, `umount ${COVERED}`].join('\n');
}

/** Shell lines that create a mount point: a folder or a file, like `like`. */
export function placeholder(like: string, place: string): string[] {
  const file = `mkdir -p $(dirname ${place}); [ -e ${place} ] || : >${place}`;
  return [`if [ -d ${like} ]; then mkdir -p ${place}; else ${file}; fi`];
}
