import { readFileSync } from 'node:fs';

/** One that is ending, or has ended and waits for its parent, does not run. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0) && !hasEnded(statOf(pid));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** PF_EXITING of the kernel's sched.h: set before its files are closed, by which others notice its end. */
const EXITING = 0x4;

/** By the state and the flags after its name, which is in parentheses and may hold some itself (proc(5)). */
export function hasEnded(stat: string): boolean {
  const [state = '', , , , , , flags] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return /^[ZX]/.test(state) || (Number(flags) & EXITING) !== 0;
}

/** Empty where there is no /proc. */
function statOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return '';
  }
}
