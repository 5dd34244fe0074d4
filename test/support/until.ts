import { setTimeout as sleep } from 'node:timers/promises';

/** After so many milliseconds a test gives up: far more than anything takes, also on a machine that is busy. */
const LONGEST_MS = 180_000;

/** Waits until `ask` answers with something that is so, and returns that. */
export async function until<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  { everyMs = 20 }: { everyMs?: number } = {},
): Promise<T> {
  for (const end = performance.now() + LONGEST_MS; ; await sleep(everyMs)) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > end) throw new Error(`${what}: not within ${LONGEST_MS / 1000} s`);
  }
}
