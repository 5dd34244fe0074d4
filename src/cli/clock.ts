import type { Clock } from '../commands/context.js';

/** setTimeout takes a signed 32-bit number of milliseconds and fires at once for more. */
const LONGEST_MS = 2 ** 31 - 1;

/** Sleeps for so many milliseconds, or until `signal` fires. */
function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, Math.min(ms, LONGEST_MS));
    signal?.addEventListener('abort', end);
  });
}

export const clock: Clock = { now: Date.now, sleep };
