import type { ListAnswer } from '../fleet/job-facts.js';
import { applyAnswer, type JobTable, track } from '../fleet/job-table.js';

/** A job refreshes its registration every 5 s, an unhealthy one every 10 s: after two more it is in doubt. */
const DOUBT_MS = 20_000;
const POLL_MS = 1_000;
/** Shortest interval between two calls to the scheduler. Milliseconds. */
const ASK_EVERY_MS = 60_000;
/** A job is gone when two successful answers this far apart do not list it. Milliseconds. */
const SETTLE_MS = 10_000;

export interface EndWatchDeps {
  registration(jobId: string): Promise<{ state: string; beat: number } | undefined>;
  list(): Promise<ListAnswer>;
  now(): number;
}

/**
 * By registrations, and by the scheduler only for stale ones. Does not wait for the scheduler, which may take a
 * minute to fail.
 */
export function endWatch(jobIds: readonly string[], deps: EndWatchDeps) {
  const beats = new Map<string, { beat: number; since: number }>();
  const ended = new Set<string>();
  let jobTable: JobTable = track(new Map(), jobIds);
  let askedAt: number | undefined;
  let asking = false;
  let lookedAt: number | undefined;

  return {
    async check(): Promise<ReadonlySet<string>> {
      if (lookedAt !== undefined && deps.now() - lookedAt < POLL_MS) return ended;
      lookedAt = deps.now();
      const waiting = jobIds.filter((id) => !ended.has(id));
      const doubtful = await Promise.all(waiting.map(inDoubt));
      if (doubtful.includes(true)) ask();
      return ended;
    },
  };

  async function inDoubt(id: string): Promise<boolean> {
    const seen = await deps.registration(id);
    const now = deps.now();
    if (seen?.state === 'gone' || jobTable.get(id)?.gone === true) {
      ended.add(id);
      return false;
    }
    if (seen === undefined) return true;
    const known = beats.get(id);
    if (known?.beat !== seen.beat) beats.set(id, { beat: seen.beat, since: now });
    return known?.beat === seen.beat && now - known.since >= DOUBT_MS;
  }

  function ask(): void {
    const now = deps.now();
    if (asking || (askedAt !== undefined && now - askedAt < ASK_EVERY_MS)) return;
    asking = true;
    askedAt = now;
    deps
      .list()
      .then((answer) => {
        jobTable = applyAnswer(jobTable, answer, deps.now(), SETTLE_MS);
      })
      .catch(() => undefined)
      .finally(() => {
        asking = false;
      });
  }
}
