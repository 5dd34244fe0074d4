import type { IncomingMessage } from 'node:http';
import { GrowingBuffer } from './growing-buffer.js';
import type { Transfers } from './transfers.js';

/** Milliseconds without progress that a body may take. */
const PATIENCE_MS = 30_000;
/** Pieces of a body that are read without a pause. Each costs a microsecond, and may be a single byte. */
const PIECES = 256;

/** The bodies of all requests together are more than there is room for. */
export class NoRoom extends Error {}
/** The client stopped sending. */
export class Stalled extends Error {}

/** The bodies of the requests that are under way. */
export class Bodies {
  private readonly transfers: Transfers;
  private readonly longest: number;
  private readonly readsOn: boolean;

  /**
   * `longest`: bytes of one body. `readsOn`: a longer one is read to its end, since a client that is still writing
   * would not see the answer; else it is answered at once.
   */
  constructor(transfers: Transfers, longest: number, { readsOn = true } = {}) {
    this.transfers = transfers;
    this.longest = longest;
    this.readsOn = readsOn;
  }

  /**
   * Reads a body and hands it to `use`; undefined where it is too long. Rejects with NoRoom and Stalled, as `use`
   * does, and where the client goes away.
   */
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
    // By events: an iterator over a stream takes longer than all else that is done here for a run.
    return new Promise((resolve, reject) => {
      const stop = (reason: string) => {
        forget();
        refused = new Stalled(`the request is not complete: ${reason}`);
        reject(refused);
      };
      const unwatch = transfers.watch({ position: () => length, stop }, PATIENCE_MS);
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

/** Lets others be served before the next piece. */
function rest(request: IncomingMessage): void {
  request.pause();
  setImmediate(() => request.resume());
}
