import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { codeOf } from '../../errors.js';
import { RequestFault } from '../types.js';

let youngest = 0;

/** The process id of the last that was started here; 0 where there was none. */
export function lastSpawned(): number {
  return youngest;
}

/**
 * Starts a program by its words. Throws RequestFault where they are more than the kernel takes (128 kB a word,
 * MAX_ARG_STRLEN of linux/binfmts.h): some words come from the request.
 */
export function spawned(words: readonly string[], options: SpawnOptions): ChildProcess {
  const [file = '', ...args] = words;
  try {
    const child = spawn(file, args, options);
    youngest = child.pid ?? youngest;
    return child;
  } catch (error) {
    if (codeOf(error) === 'E2BIG') throw new RequestFault(`[Errno 7] Argument list too long: '${file}'`);
    throw error;
  }
}

/** A machine without memory ends this process, and what it will start, before this server. */
export function endedFirst({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) writeFileSync(`/proc/${pid}/oom_score_adj`, '1000');
  } catch {
    // It is over already.
  }
}
