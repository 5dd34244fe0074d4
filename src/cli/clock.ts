import type { Clock } from '../commands/context.js';
import { after } from '../node.js';

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      awake();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const awake = after(ms, end);
    signal?.addEventListener('abort', end);
  });
}

export const clock: Clock = { now: Date.now, sleep };
