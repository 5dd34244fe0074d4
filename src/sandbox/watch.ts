import { MOST } from './limits.js';
import type { Excess } from './types.js';

/** What a run holds. */
export interface Held {
  bytes: number;
  /** Files in a /tmp of its own. */
  files: number;
}

/** Bytes a second that a program can hardly pass: what one memory channel writes. It sets how soon we look again. */
const FASTEST = 4 * 2 ** 30;
const SOONEST_MS = 20;
const LATEST_MS = 250;

/**
 * Watches what a run holds; `look` gives it, undefined where the run is not there yet. Calls `exceeded` once,
 * and stops then or by the function that it returns.
 */
export function watch(
  look: () => Held | undefined,
  memory: number,
  exceeded: (excess: Excess) => void,
): () => void {
  let timer: NodeJS.Timeout;
  const wait = (bytes: number) => {
    const ms = ((memory - bytes) / FASTEST) * 1000;
    timer = setTimeout(check, Math.min(LATEST_MS, Math.max(SOONEST_MS, ms)));
  };
  const check = () => {
    const { bytes, files } = look() ?? { bytes: 0, files: 0 };
    if (bytes > memory) exceeded('memory');
    else if (files > MOST.files) exceeded('files');
    else wait(bytes);
  };
  wait(0);
  return () => clearTimeout(timer);
}
