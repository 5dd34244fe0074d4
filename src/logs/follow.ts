import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CHUNK, markAt, olderPath, type Part, readAt, wasEmptied, withParts } from './part.js';
import type { Sink } from './sink.js';
import { history, join, startOfLast } from './tail.js';

/** Number of last bytes that are kept, to detect whether a file continues what was read before. */
const KEPT = 256;

export interface FollowerOptions {
  emit: Sink;
  /** Called if bytes were lost before they could be read, by two rotations between two reads. */
  onLost: () => void;
}

/**
 * Follows a log that its job rotates by copying LOG to LOG.1 and emptying LOG; every byte is read once. LOG.1
 * changes before LOG is emptied, so everything that was read while LOG.1 stayed the same belongs together.
 */
export function follower(path: string, { emit, onLost }: FollowerOptions) {
  let offset = 0;
  let kept: Buffer = Buffer.alloc(0);
  /** The LOG.1 whose rotation was followed; undefined if there was none yet. */
  let followed: string | undefined;

  return {
    begin: (lines: number): Promise<boolean> =>
      withParts(path, async (older, newer) => {
        const parts = await history(older, newer);
        if (parts.length === 0) return false;
        const start = await startOfLast(lines, join(parts));
        const past = older !== undefined && parts.includes(older) ? older : undefined;
        const pastSize = past?.size ?? 0;
        // An unfinished copy is a rotation that will be followed later.
        followed = past?.mark;
        if (past !== undefined && (await deliver(past, start, past.mark)) < pastSize) onLost();
        restart(Math.max(0, start - pastSize));
        if (newer !== undefined) await deliver(newer, offset, older?.mark);
        return true;
      }),

    /** False if there is nothing new. */
    look: (): Promise<boolean> =>
      withParts(path, async (older, newer) => {
        const rotated = older !== undefined && older.mark !== followed && (await wasEmptied(older, newer));
        const before = offset;
        if (rotated) {
          const rest = await restIn(older);
          if ((await deliver(older, rest, older.mark)) < older.size) return true;
          followed = older.mark;
          restart(0);
        } else if (newer === undefined) {
          // NFS may have cached that it is missing; listing the folder refreshes that.
          await readdir(dirname(path)).catch(() => []);
          return false;
        } else if (!(await goesOn(newer))) {
          await readdir(dirname(path));
          // On NFS, LOG.1 is visible after the listing. If there is none, the log was emptied from outside.
          if ((await markAt(olderPath(path))) !== older?.mark) return true;
          restart(0);
        }
        if (newer !== undefined) await deliver(newer, offset, older?.mark);
        return rotated || offset !== before;
      }),
  };

  function restart(at: number): void {
    offset = at;
    kept = Buffer.alloc(0);
  }

  async function deliver(part: Part, from: number, mark: string | undefined): Promise<number> {
    let at = from;
    while (at < part.size) {
      const chunk = await readAt(part, at, Math.min(CHUNK, part.size - at));
      if (chunk.length === 0 || (await markAt(olderPath(path))) !== mark) break;
      at += chunk.length;
      offset = at;
      kept = Buffer.concat([kept, chunk.subarray(-KEPT)]).subarray(-KEPT);
      await emit(chunk);
    }
    return at;
  }

  /** Whether a file holds at our offset what we read there, as far as it reaches. */
  async function holds(part: Part): Promise<boolean> {
    const from = offset - kept.length;
    const length = Math.max(0, Math.min(part.size, offset) - from);
    return (await readAt(part, from, length)).equals(kept.subarray(0, length));
  }

  async function goesOn(newer: Part): Promise<boolean> {
    return newer.size === offset || (newer.size > offset && (await holds(newer)));
  }

  async function restIn(older: Part): Promise<number> {
    if (await holds(older)) return Math.min(offset, older.size);
    onLost();
    return 0;
  }
}
