import { type Counted, TrackRecord } from '../api/track-record.js';
import type { Doubt } from '../api/verdict.js';

export type Confirm = NonNullable<Doubt['confirm']>;

/** Which results count only once another server has said the same, as the gateway has it. */
export class SecondOpinions {
  private readonly records = new Map<string, TrackRecord>();
  private readonly ours = new Map<string, Promise<boolean>>();
  private readonly isOurs: (url: string) => Promise<boolean>;

  /** `isOurs` is asked once for each server: those of this project lose no output. */
  constructor(isOurs: (url: string) => Promise<boolean>) {
    this.isOurs = isOurs;
  }

  /** What another server has to confirm of a result that `url` has just given; null: nothing. */
  async wanted(url: string, urls: readonly string[], doubt: Doubt | null): Promise<Confirm | null> {
    const record = this.recordOf(url);
    record.add(doubt);
    if (doubt === null) return null;
    if (doubt.confirm === 'no output') return (await this.ownServer(url)) ? null : 'no output';
    // The client does not know whether a server is crowded.
    if (doubt.confirm !== null && doubt.confirm !== 'too slow') return doubt.confirm;
    const peers: Counted = { programs: 0, failures: 0 };
    for (const other of urls) {
      if (other === url) continue;
      peers.programs += this.recordOf(other).programs;
      peers.failures += this.recordOf(other).failures;
    }
    return urls.some((other) => other !== url) && record.standsOut(peers) ? 'failed' : null;
  }

  /** Whether another server said the same as `url`. */
  settle(url: string, isSame: boolean): void {
    if (isSame) this.recordOf(url).confirmed();
    else this.recordOf(url).contradicted();
  }

  private recordOf(url: string): TrackRecord {
    const record = this.records.get(url) ?? new TrackRecord();
    this.records.set(url, record);
    return record;
  }

  private ownServer(url: string): Promise<boolean> {
    const known = this.ours.get(url) ?? this.isOurs(url);
    this.ours.set(url, known);
    return known;
  }
}
