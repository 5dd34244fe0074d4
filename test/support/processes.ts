import { readdirSync, readFileSync } from 'node:fs';

/** A process by its id and when it began, so that another one with the same id is not taken for it. */
export function identity(pid: number): string {
  return `${pid}.${startOf(pid)}`;
}

export function lives(process: string): boolean {
  const [pid, start] = process.split('.');
  return start !== '' && startOf(Number(pid)) === start;
}

/** The kernel's ticks between its start and the process's; empty when there is no such process. */
function startOf(pid: number): string {
  return stat(pid)[19] ?? '';
}

export function parentOf(pid: number): number {
  return Number(stat(pid)[1] ?? 0);
}

/** What /proc/PID/stat has behind the program's name, which may hold blanks and brackets. */
function stat(pid: number): string[] {
  return read(pid, 'stat')
    .replace(/^.*\) /s, '')
    .split(' ')
    .filter(Boolean);
}

/** Command lines, by id, of the processes whose command line or environment names `mark`; not this one. */
export function processesNaming(mark: string): Map<number, string> {
  const pids = readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid);
  return new Map(
    pids
      .map((pid): [number, string, string] => [pid, read(pid, 'cmdline'), read(pid, 'environ')])
      .filter(([, line, environment]) => line.includes(mark) || environment.includes(mark))
      .map(([pid, line]) => [pid, line.replaceAll('\0', ' ')]),
  );
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
