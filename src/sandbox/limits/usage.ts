import { read, treeOf } from '../process/tree.js';
import { withSandboxRoot } from './sandbox-root.js';
import type { Usage } from './watch.js';

/** Kernel memory of a file in a tmpfs besides its content, in bytes: its inode and its name. */
const FILE = 1024;

export function sandboxUsage(first: number, most: number): Usage | undefined {
  return withSandboxRoot(first, ({ bytes, files, processes }) => {
    const stored = bytes + files * FILE;
    return { bytes: stored + memoryOf(processes, most - stored), files };
  });
}

export function treeUsage(pid: number, most: number): Usage {
  const processes = treeOf(pid).map((each) => `/proc/${each}`);
  return { bytes: memoryOf(processes, most), files: 0 };
}

/** Bytes. Shared pages count for each process at first; only a sum above `most` is measured exactly. */
function memoryOf(processes: readonly string[], most: number): number {
  const statuses = processes.map((each) => read(`${each}/status`));
  const rough = sum(statuses.map((each) => kilobytes(each, 'VmRSS') + unshared(each)));
  if (rough * 1024 <= most) return rough * 1024;
  const exact = processes.map(
    (each, index) => kilobytes(read(`${each}/smaps_rollup`), 'Pss') + unshared(statuses[index] ?? ''),
  );
  return sum(exact) * 1024;
}

/** Kilobytes besides resident pages: page tables, swapped pages and huge pages. */
function unshared(status: string): number {
  return sum(['VmPTE', 'VmSwap', 'HugetlbPages'].map((name) => kilobytes(status, name)));
}

function kilobytes(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
