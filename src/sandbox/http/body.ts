import type { IncomingMessage } from 'node:http';
import { Refused } from '../queue/queue.js';

/** Bytes of a request; base64 and JSON make a file of 190 MB this long. */
const BODY_CAP = 256 * 2 ** 20;
/** Bytes of all requests that are not answered: those in the queue wait with theirs. */
const TOGETHER = 4 * BODY_CAP;

/** The bodies of the requests that are under way. */
export class Bodies {
  private held = 0;
  private readonly most: number;

  constructor(most = TOGETHER) {
    this.most = most;
  }

  /**
   * Reads a body and hands it to `use`; undefined where it is longer than this server takes. Rejects with Refused
   * where all together are too much, as `use` does, and where the client goes away.
   */
  async with<T>(request: IncomingMessage, use: (body: Buffer | undefined) => Promise<T>): Promise<T> {
    const own = { bytes: 0 };
    try {
      return await use(await this.read(request, own));
    } finally {
      this.held -= own.bytes;
    }
  }

  private read(request: IncomingMessage, own: { bytes: number }): Promise<Buffer | undefined> {
    const chunks: Buffer[] = [];
    let length = 0;
    let refused = false;
    // By events: an iterator over a stream takes longer than all else that is done here for a run.
    return new Promise((resolve, reject) => {
      request.on('data', (chunk: Buffer) => {
        length += chunk.length;
        refused ||= this.held + chunk.length > this.most;
        // Read to its end all the same: a client that is still writing would not see the answer.
        if (refused || length > BODY_CAP) return;
        own.bytes += chunk.length;
        this.held += chunk.length;
        chunks.push(chunk);
      });
      request.on('end', () => {
        if (length > BODY_CAP) resolve(undefined);
        else if (refused) reject(new Refused(`requests of ${this.most} bytes are under way already`));
        else resolve(Buffer.concat(chunks, length));
      });
      request.on('error', reject);
    });
  }
}
