import type { IncomingMessage } from 'node:http';

const EMPTY = Buffer.alloc(0);

/** Undefined if the body is longer than `maxBytes` bytes; null if the client disconnects before its end. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined | null> {
  return new Promise((resolve) => {
    let first: Buffer | undefined;
    let more: Buffer[] | undefined;
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) {
        first = undefined;
        more = undefined;
        resolve(undefined);
      } else if (first === undefined) first = chunk;
      else if (more === undefined) more = [first, chunk];
      else more.push(chunk);
    });
    request.on('end', () => resolve(more === undefined ? (first ?? EMPTY) : Buffer.concat(more, length)));
    request.on('error', () => resolve(null));
    request.on('close', () => resolve(null));
  });
}
