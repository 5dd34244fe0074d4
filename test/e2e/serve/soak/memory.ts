import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { read } from '../../../../src/sandbox/process/tree.js';
import type { OuterCgroup } from '../outer-cgroup.js';

/** Megabytes: what processes have that is in no file (others on this machine may share those), and what the kernel has for them. */
export interface Memory {
  server: number;
  launchers: number;
  /** Zygotes, makers and the sandboxes that wait for a program. */
  zygotes: number;
  kernel: number;
}

/**
 * How much more the least at the end may be than the most in the beginning. V8's heap goes up and down by 7 MB in each of
 * three processes between two collections, which this leaves out, as far as there are looks enough. The server keeps what
 * it has compiled (17 kB each, one run of 300), zygotes hold by how much they have served, and the kernel gives back
 * parts of its own memory late. 1 kB that is left of each run would be 4 MB of 5000 runs, and 80 MB of 100,000.
 */
const MOST_GROWTH: Memory = { server: 12, launchers: 8, zygotes: 5, kernel: 12 };

/** What holds more memory in all looks at the end than it should. */
export function grown(early: readonly Memory[], late: readonly Memory[]): string[] {
  const kinds = Object.keys(MOST_GROWTH) as (keyof Memory)[];
  const of = (looks: readonly Memory[], kind: keyof Memory) => looks.map((each) => each[kind]);
  return kinds.filter(
    (kind) => Math.min(...of(late, kind)) - Math.max(...of(early, kind)) > MOST_GROWTH[kind],
  );
}

export function memoryOf(cgroup: OuterCgroup, server: string): Memory {
  const pids = cgroup.members();
  const sum = (own: readonly string[]) => Math.round(own.reduce((total, pid) => total + megabytes(pid), 0));
  const runs = (pid: string, name: RegExp) => name.test(executableOf(pid));
  return {
    server: sum([server]),
    launchers: sum(pids.filter((pid) => pid !== server && runs(pid, /^node/))),
    zygotes: sum(pids.filter((pid) => runs(pid, /^python/))),
    kernel: Math.round(cgroup.usage().kernelMegabytes),
  };
}

/** What several processes share counts for each in part. */
function megabytes(pid: string): number {
  const kilobytes = [...read(`/proc/${pid}/smaps_rollup`).matchAll(/^Pss_(?:Anon|Shmem):\s+(\d+)/gm)];
  return kilobytes.reduce((total, [, each]) => total + Number(each) / 1024, 0);
}

export function executableOf(pid: string): string {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`));
  } catch {
    return '';
  }
}
