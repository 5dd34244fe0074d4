import { closeSync, constants, fstatSync, openSync, statfsSync, statSync } from 'node:fs';
import { list } from '../process/tree.js';

/** Of asm-generic/fcntl.h; Node does not name it. */
const O_PATH = 0o10000000;
const FOLDER = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** File systems in memory that programs of a sandbox can write to. */
const IN_MEMORY = [['tmp'], ['dev', 'shm']];

export interface SandboxRoot {
  bytes: number;
  files: number;
  processes: string[];
}

/**
 * `use` gets what is in the root folder of a process; undefined if it is gone or shares ours. Each folder is
 * opened from the one above without following links: a link in /proc/PID/root/dev/shm would lead into the host.
 */
export function withSandboxRoot<T>(pid: number, use: (root: SandboxRoot) => T): T | undefined {
  const opened: number[] = [];
  const open = (path: string): string => {
    const fd = openSync(path, FOLDER);
    opened.push(fd);
    return `/proc/self/fd/${fd}`;
  };
  try {
    // With the dot, the last part of the path is not a link.
    const root = open(`/proc/${pid}/root/.`);
    if (sameFolder(fstatSync(opened[0] ?? -1), statSync('/'))) return undefined;
    const systems = new Map<number, { bytes: number; files: number }>();
    for (const path of IN_MEMORY) {
      try {
        const folder = path.reduce((above, name) => open(`${above}/${name}`), root);
        systems.set(fstatSync(opened.at(-1) ?? -1).dev, filesystemUsage(folder));
      } catch {
        // A link; its target is counted by its own name.
      }
    }
    const proc = open(`${root}/proc`);
    const pids = list(proc).filter((name) => /^\d+$/.test(name));
    const total = { bytes: 0, files: 0 };
    for (const { bytes, files } of systems.values()) {
      total.bytes += bytes;
      total.files += files;
    }
    return use({ ...total, processes: pids.map((each) => `${proc}/${each}`) });
  } catch {
    return undefined;
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}

interface Identity {
  dev: number;
  ino: number;
}

function sameFolder(one: Identity, other: Identity): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}

function filesystemUsage(path: string): { bytes: number; files: number } {
  const { blocks, bfree, bsize, files, ffree } = statfsSync(path);
  return { bytes: (blocks - bfree) * bsize, files: files - ffree };
}
