import { KEEPER_WRITES_MS, type KeeperRecord, type KeeperStore } from '../state/keeper.js';

export type KeeperSelf = Pick<KeeperRecord, 'place' | 'host' | 'pid' | 'job_id'>;

/** Keeps keeper.json up to date. A failed write is ignored: the next follows in 30 s. */
export function keeperRecord(keeper: Pick<KeeperStore, 'writeRecord'>, self: KeeperSelf, now: () => number) {
  const iso = (ms: number) => new Date(ms).toISOString();
  const since = iso(now());
  let lookedAt: number | undefined;
  let problem: string | null = null;
  let writtenAt = Number.NEGATIVE_INFINITY;
  let writing = Promise.resolve(true);

  /** False if it failed. */
  function write(): Promise<boolean> {
    writtenAt = now();
    const record: KeeperRecord = {
      schema_version: 1,
      ...self,
      since,
      looked_at: lookedAt === undefined ? null : iso(lookedAt),
      written_at: iso(writtenAt),
      problem,
    };
    writing = writing
      .then(() => keeper.writeRecord(record))
      .then(
        () => true,
        () => false,
      );
    return writing;
  }

  return {
    write,
    /** `answeredAt`: when the scheduler last answered. Milliseconds since the epoch. */
    looked(answeredAt: number | undefined): void {
      const first = lookedAt === undefined && answeredAt !== undefined;
      lookedAt = answeredAt ?? lookedAt;
      if (first || now() - writtenAt >= KEEPER_WRITES_MS) void write();
    },
    async problem(words: string | null): Promise<void> {
      if (words === problem) return;
      problem = words;
      await write();
    },
    flush: () => writing,
  };
}
