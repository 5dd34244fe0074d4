import { spawnSync } from 'node:child_process';
import { firstWords } from '../../../errors.js';
import { SandboxFailure } from '../../types.js';
import { closedFolder } from '../host/system.js';
import { quoted } from './driver.js';

/** Any folder that is always there: it is covered for a moment. */
const COVERED = '/mnt';

/**
 * Opens the way to tools in folders that only root may enter, for the users that sandboxes run as. Only in a
 * mount namespace of its own: there, each closed folder gives way to one that has nothing but these tools.
 * Throws SandboxFailure.
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

/** A folder or a file, as `like` is, to mount upon. */
export function placeholder(like: string, place: string): string[] {
  const file = `mkdir -p $(dirname ${place}); [ -e ${place} ] || : >${place}`;
  return [`if [ -d ${like} ]; then mkdir -p ${place}; else ${file}; fi`];
}
