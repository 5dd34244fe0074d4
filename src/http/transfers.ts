import { after } from '../node.js';

export interface Transfer {
  position(): number;
  stop(reason: string): void;
}

interface Watched extends Transfer {
  patienceMs: number;
  mark: number;
  movedAt: number;
}

export interface TransferOptions {
  now(): number;
  /** Bytes beyond the bound that are kept for small ones. */
  reserve: number;
  sweepMs: number;
}

/** Bytes that count as progress: one byte a second is none. */
const STEP = 65_536;
const SWEEP_MS = 1_000;
/** After this long without progress, a transfer is stopped if others need the room. */
const IDLE_MS = 2_000;
/** Beyond the bound, for small requests, which are always answered. */
const RESERVE = 64 * 2 ** 20;
const SMALL = 2 ** 20;

/** The memory of all requests and answers under way, with one bound. Transfers without progress are stopped. */
export class Transfers {
  private held = 0;
  private readonly watched = new Set<Watched>();
  private readonly most: number;
  private readonly options: TransferOptions;
  private cancelSweep: (() => void) | undefined;

  constructor(most: number, options: Partial<TransferOptions> = {}) {
    this.most = most;
    this.options = { now: () => performance.now(), reserve: RESERVE, sweepMs: SWEEP_MS, ...options };
  }

  /** Reserves bytes for a transfer that holds `own` already. False if there is no room. */
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

  /** Counts bytes that exist already, whether there is room or not. */
  add(bytes: number): void {
    this.held += bytes;
  }

  release(bytes: number): void {
    this.held -= bytes;
  }

  /** Stops a transfer that makes no progress for that long. The function returned ends the watch. */
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
