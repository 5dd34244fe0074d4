import type { IncomingMessage } from 'node:http';

/** Bytes of a request; base64 and JSON make a file of 190 MB this long. */
const BODY_CAP = 256 * 2 ** 20;

/** The body; undefined where it is longer than this server takes. Rejects where the client goes away. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Read to its end all the same: a client that is still writing would not see the answer.
    if (length <= BODY_CAP) chunks.push(chunk);
  }
  return length > BODY_CAP ? undefined : Buffer.concat(chunks, length);
}
