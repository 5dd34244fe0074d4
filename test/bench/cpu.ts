import { readFileSync } from 'node:fs';

/** USER_HZ of every Linux. */
const TICKS = 100;

/** CPU seconds of a process, of its children that ended and, one level down, of those that live. */
export function cpuOf(pid: number | undefined): number {
  if (pid === undefined) return 0;
  const children =
    pid === process.pid ? [] : readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
  return [String(pid), ...children.filter(Boolean)].reduce((sum, each) => sum + ownCpu(each), 0);
}

function ownCpu(pid: string): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  // utime, stime, cutime and cstime are fields 14 to 17; two stood before what was cut off.
  return fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0) / TICKS;
}
