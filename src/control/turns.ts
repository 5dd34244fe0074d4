import type { TurnFile } from '../state/keeper-turn.js';

const ASK_EVERY_MS = 250;

export interface Turns {
  signal: AbortSignal;
  check(): void;
}

/**
 * Whether a command asks for the lock that a keeper holds: it has written another token into the fleet's turn
 * file. `check` reads it, without waiting, at most every 250 ms; `signal` fires once it has changed.
 */
export async function watchTurns(turn: TurnFile, now: () => number): Promise<Turns> {
  await turn.prepare();
  const before = await turn.read();
  const asked = new AbortController();
  let reading = false;
  let readAt = now();
  return {
    signal: asked.signal,
    check(): void {
      if (reading || now() - readAt < ASK_EVERY_MS) return;
      reading = true;
      readAt = now();
      turn
        .read()
        .then((token) => {
          if (token !== before) asked.abort();
        })
        // A folder that cannot be read for a moment: asked again.
        .catch(() => undefined)
        .finally(() => {
          reading = false;
        });
    },
  };
}
