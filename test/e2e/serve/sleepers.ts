import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

/** Seconds of a `sleep` that no other process of this machine sleeps. */
export function uniqueSleep(): string {
  return `${randomInt(10_000, 99_999)}.${randomInt(100_000, 999_999)}`;
}

/** Processes of this machine, in whatever namespace, that sleep so many seconds. */
export function sleepers(seconds: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') === `sleep\0${seconds}\0`;
    } catch {
      return false;
    }
  });
}
