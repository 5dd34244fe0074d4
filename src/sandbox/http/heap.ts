import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Runs between two collections of all garbage: each takes some ten milliseconds. */
const EVERY = 500;

/**
 * Bounds V8's heap, since memory is the programs': by itself it keeps 25 MB more after some thousand runs. Call the
 * function returned after each run.
 */
export function smallHeap(): () => void {
  setFlagsFromString('--semi-space-growth-factor=1');
  // A space this small is collected before other threads have woken up to help.
  setFlagsFromString('--no-parallel-scavenge');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let runs = 0;
  return () => {
    runs += 1;
    if (runs % EVERY === 0) collect();
  };
}
