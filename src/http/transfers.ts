import { after } from '../node.js';

/** A body that is coming, or an answer that is being taken. */
export interface Transfer {
  /** Bytes so far. */
  position(): number;
  /** Ends it and releases its bytes. */
  stop(reason: string): void;
}

interface Watched extends Transfer {
  patienceMs: number;
  /** Where it was when it last moved, and when that was. */
  mark: number;
  movedAt: number;
}

export interface TransferOptions {
  now(): number;
  /** Bytes beyond the bound that are kept for small ones. */
  reserve: number;
  sweepMs: number;
}

/** Bytes that count as a move: who sends one byte a second does not move. */
const STEP = 65_536;
const SWEEP_MS = 1_000;
/** Without a move for so long, a transfer makes room for others. */
const IDLE_MS = 2_000;
/** Beyond the bound, for those who hold no more than `SMALL`: their requests are answered in any case. */
const RESERVE = 64 * 2 ** 20;
const SMALL = 2 ** 20;

/**
 * The memory of all requests and answers that are under way, with one bound. Transfers that stand still are stopped:
 * after their patience, and long before where others need the room.
 */
export class Transfers {
  private held = 0;
  private readonly watched = new Set<Watched>();
  private readonly most: number;
  private readonly options: TransferOptions;
  private cancelSweep: (() => void) | undefined;

  /** `most`: bytes of all together. */
  constructor(most: number, options: Partial<TransferOptions> = {}) {
    this.most = most;
    this.options = { now: () => performance.now(), reserve: RESERVE, sweepMs: SWEEP_MS, ...options };
  }

  /** Counts so many bytes more of one who holds `own` with them. False where there is no room. */
  take(bytes: number, own: number): boolean {
    const most = this.most + (own <= SMALL ? this.options.reserve : 0);
    while (this.held + bytes > most) {
      const idle = this.longestIdle();
      if (idle === undefined) return false;
      this.watched.delete(idle);
      idle.stop('it stood still, and others needed the room');
    }
    this.held += bytes;
    return true;
  }

  /** Counts bytes that are there already, whether there is room or not. */
  add(bytes: number): void {
    this.held += bytes;
  }

  release(bytes: number): void {
    this.held -= bytes;
  }

  /** Stops a transfer that does not move for so many milliseconds, until what comes back is called. */
  watch(transfer: Transfer, patienceMs: number): () => void {
    const { position, stop } = transfer;
    const watched: Watched = { position, stop, patienceMs, mark: position(), movedAt: this.options.now() };
    this.watched.add(watched);
    this.cancelSweep ??= after(this.options.sweepMs, () => this.sweep());
    return () => this.watched.delete(watched);
  }

  private sweep(): void {
    this.cancelSweep = undefined;
    const now = this.options.now();
    for (const each of [...this.watched]) {
      const position = each.position();
      if (position - each.mark >= STEP) {
        each.mark = position;
        each.movedAt = now;
      } else if (now - each.movedAt > each.patienceMs) {
        this.watched.delete(each);
        each.stop(`it did not move for ${each.patienceMs / 1000} s`);
      }
    }
    if (this.watched.size > 0) this.cancelSweep = after(this.options.sweepMs, () => this.sweep());
  }

  private longestIdle(): Watched | undefined {
    let longest: Watched | undefined;
    for (const each of this.watched)
      if (longest === undefined || each.movedAt < longest.movedAt) longest = each;
    return longest !== undefined && this.options.now() - longest.movedAt >= IDLE_MS ? longest : undefined;
  }
}
