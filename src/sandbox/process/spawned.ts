import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { openSync, readFileSync, writeSync } from 'node:fs';
import { codeOf } from '../../errors.js';
import { RequestFault } from '../types.js';

let youngest = 0;

export function lastSpawned(): number {
  return youngest;
}

/** Throws RequestFault for words longer than the kernel takes (128 kB each, MAX_ARG_STRLEN of linux/binfmts.h). */
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
  file: number;
  own: string;
}

let oomScore: OomScore | null | undefined;

/**
 * The kernel's OOM killer takes what is started here before this server. A child inherits the score; the first
 * process of a sandbox could not set its own.
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
