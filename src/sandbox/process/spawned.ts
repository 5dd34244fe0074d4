import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { openSync, readFileSync, writeSync } from 'node:fs';
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
    const child = endedFirst(() => spawn(file, args, options));
    youngest = child.pid ?? youngest;
    return child;
  } catch (error) {
    if (codeOf(error) === 'E2BIG') throw new RequestFault(`[Errno 7] Argument list too long: '${file}'`);
    throw error;
  }
}

interface OomScore {
  /** A descriptor of /proc/self/oom_score_adj. */
  file: number;
  own: string;
}

/** Null where it may not be changed. */
let oomScore: OomScore | null | undefined;

/**
 * A machine without memory ends what is started here, and all that this starts, before this server. A child has
 * its parent's score from its first moment; the first process of a sandbox could not set its own.
 */
function endedFirst<T>(start: () => T): T {
  if (oomScore === undefined) oomScore = openOomScore();
  if (oomScore === null) return start();
  const { file, own } = oomScore;
  writeSync(file, '1000', 0);
  try {
    return start();
  } finally {
    writeSync(file, own, 0);
  }
}

function openOomScore(): OomScore | null {
  try {
    const file = openSync('/proc/self/oom_score_adj', 'r+');
    return { file, own: readFileSync(file, 'utf8').trim() };
  } catch {
    return null;
  }
}
