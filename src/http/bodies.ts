import type { IncomingMessage } from 'node:http';
import { GrowingBuffer } from './growing-buffer.js';
import type { Transfers } from './transfers.js';

/** Milliseconds without progress that a body may take. */
const IDLE_TIMEOUT_MS = 30_000;
const PIECES = 256;

export class NoRoom extends Error {}
export class Stalled extends Error {}

export class Bodies {
  private readonly transfers: Transfers;
  private readonly longest: number;
  private readonly readsOn: boolean;

  /**
   * `longest`: bytes of a body. `readsOn`: read a longer one to its end, so that a client that still writes sees the
   * answer.
   */
  constructor(transfers: Transfers, longest: number, { readsOn = true } = {}) {
    this.transfers = transfers;
    this.longest = longest;
    this.readsOn = readsOn;
  }

  /** `use` gets undefined for a body that is too long. Rejects with NoRoom, Stalled, or what `use` throws. */
  async with<T>(request: IncomingMessage, use: (body: Buffer | undefined) => Promise<T>): Promise<T> {
    const own = { bytes: 0 };
    try {
      return await use(await this.read(request, own));
    } finally {
      this.transfers.release(own.bytes);
    }
  }

  private read(request: IncomingMessage, own: { bytes: number }): Promise<Buffer | undefined> {
    const { transfers, longest } = this;
    const announced = Number(request.headers?.['content-length'] ?? 0);
    const fresh = () => new GrowingBuffer({ keepsFirst: true, expected: Math.min(announced, longest) });
    let body = fresh();
    let length = 0;
    let pieces = 0;
    let refused: Error | undefined;
    const forget = () => {
      transfers.release(own.bytes);
      own.bytes = 0;
      body = fresh();
    };
    // By events: an iterator over a stream takes longer than all other work for a run.
    return new Promise((resolve, reject) => {
      const stop = (reason: string) => {
        forget();
        refused = new Stalled(`the request is not complete: ${reason}`);
        reject(refused);
      };
      const unwatch = transfers.watch({ position: () => length, stop }, IDLE_TIMEOUT_MS);
      request.on('data', (chunk: Buffer) => {
        length += chunk.length;
        pieces += 1;
        if (pieces % PIECES === 0) rest(request);
        if (length > longest) {
          forget();
          if (!this.readsOn) finish();
        }
        if (refused !== undefined || length > longest) return;
        if (!transfers.take(chunk.length, length)) {
          forget();
          refused = new NoRoom('the requests under way take all the memory that there is for them');
          return;
        }
        own.bytes += chunk.length;
        body.add(chunk);
      });
      const finish = () => {
        unwatch();
        if (length > longest) resolve(undefined);
        else if (refused !== undefined) reject(refused);
        else resolve(body.bytes);
      };
      request.on('end', finish);
      request.on('error', (error) => {
        unwatch();
        reject(error);
      });
    });
  }
}

function rest(request: IncomingMessage): void {
  request.pause();
  setImmediate(() => request.resume());
}
