import { statfsSync } from 'node:fs';
import { list, read, treeOf } from '../process/tree.js';
import type { Usage } from './watch.js';

/** Of x86-64 and most of arm64; where pages are larger, a tree seems smaller than it is. */
const PAGE = 4096;

/** What a sandbox holds, seen through its first process. `most`: the bytes above which a rough sum will not do. */
export function sandboxUsage(first: number, most: number): Usage {
  const root = `/proc/${first}/root`;
  const [tmp, shm] = [filesystemUsage(`${root}/tmp`), filesystemUsage(`${root}/dev/shm`)];
  const pids = list(`${root}/proc`).filter((name) => /^\d+$/.test(name));
  const bytes = memoryOf(
    pids.map((pid) => `${root}/proc/${pid}`),
    most - tmp.bytes - shm.bytes,
  );
  return { bytes: bytes + tmp.bytes + shm.bytes, files: tmp.files };
}

/** What a process and all that descends from it hold. */
export function treeUsage(pid: number, most: number): Usage {
  return {
    bytes: memoryOf(
      treeOf(pid).map((each) => `/proc/${each}`),
      most,
    ),
    files: 0,
  };
}

/** Bytes. What processes share counts for each at first; only a sum above `most` is worth the exact count. */
function memoryOf(processes: readonly string[], most: number): number {
  const rough = sum(processes.map((each) => Number(read(`${each}/statm`).split(' ')[1] ?? 0) * PAGE));
  return rough <= most ? rough : sum(processes.map(proportionalSetSize));
}

function proportionalSetSize(folder: string): number {
  return Number(/^Pss:\s+(\d+)/m.exec(read(`${folder}/smaps_rollup`))?.[1] ?? 0) * 1024;
}

function filesystemUsage(path: string): Usage {
  try {
    const { blocks, bfree, bsize, files, ffree } = statfsSync(path);
    return { bytes: (blocks - bfree) * bsize, files: files - ffree };
  } catch {
    return { bytes: 0, files: 0 };
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
