import type { IncomingMessage } from 'node:http';

/** Bytes of a request; base64 and JSON make a file of 190 MB this long. */
const BODY_CAP = 256 * 2 ** 20;

/** The body; undefined where it is longer than this server takes. Rejects where the client goes away. */
export function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  // By events: an iterator over a stream takes longer than all else that is done here for a run.
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      // Read to its end all the same: a client that is still writing would not see the answer.
      if (length <= BODY_CAP) chunks.push(chunk);
    });
    request.on('end', () => resolve(length > BODY_CAP ? undefined : Buffer.concat(chunks, length)));
    request.on('error', reject);
  });
}
