import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ of every Linux. */
const TICKS = 100;

/** The process and all below it, without those in `except` and below them. What ended meanwhile is missing. */
export function treeOf(pid: number, except: ReadonlySet<number> = new Set()): number[] {
  return [pid, ...childrenOf(pid).flatMap((child) => (except.has(child) ? [] : treeOf(child, except)))];
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

/** CPU seconds of a process and of all its children that have ended. */
export function cpuOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    // utime, stime, cutime and cstime are fields 14 to 17; two were before what was cut off.
    return fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0) / TICKS;
  } catch {
    return 0;
  }
}

/** Bytes of memory, each shared page in equal parts (PSS); the resident set where the kernel does not tell. */
export function memoryOf(pid: number): number {
  return kilobytes(`/proc/${pid}/smaps_rollup`, 'Pss') ?? kilobytes(`/proc/${pid}/status`, 'VmRSS') ?? 0;
}

function kilobytes(file: string, field: string): number | undefined {
  try {
    const value = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(file, 'utf8'))?.[1];
    return value === undefined ? undefined : Number(value) * 1024;
  } catch {
    return undefined;
  }
}
