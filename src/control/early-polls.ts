import type { Probed, Registered } from '../fleet/facts.js';

/** Servers that come and go out of reach let the scheduler be asked early once in this time. Milliseconds. */
const SILENT_EVERY_MS = 60_000;

/** Lets the scheduler be asked early when a job reports its end, or a server falls silent. */
export function earlyPolls({ now, pollSoon }: { now: () => number; pollSoon: () => void }) {
  const isNewlyEnding = newcomers();
  const isNewlySilent = newcomers();
  let silentAt = Number.NEGATIVE_INFINITY;

  return (registrations: ReadonlyMap<string, Registered>, probes: ReadonlyMap<string, Probed>): void => {
    const ending = [...registrations.values()].filter(({ state }) => state === 'gone');
    if (isNewlyEnding(ending.map(({ jobId }) => jobId))) pollSoon();
    // Slurm may have suspended its job, or lost its node.
    const silent = [...probes].filter(([, { reachable }]) => reachable === false);
    if (isNewlySilent(silent.map(([id]) => id)) && now() - silentAt >= SILENT_EVERY_MS) {
      silentAt = now();
      pollSoon();
    }
  };
}

/** Whether a list has members that it did not have at the last call. */
function newcomers() {
  let before: ReadonlySet<string> = new Set();
  return (now: readonly string[]): boolean => {
    const news = now.some((id) => !before.has(id));
    before = new Set(now);
    return news;
  };
}
