import type { ServerResponse } from 'node:http';
import type { Transfers } from './transfers.js';

/** Milliseconds in which a client may take nothing of its answer. */
const PATIENCE_MS = 60_000;
/** Bytes that are written at a time. */
const PIECE = 2 ** 18;

/** Cuts a client off that takes nothing of its answer. `bytes`: what this process holds until it has all. */
export function watchWriting(response: ServerResponse, transfers: Transfers, bytes: number): void {
  const { socket } = response;
  if (socket === null || (response.writableEnded && socket.writableLength === 0)) return;
  transfers.add(bytes);
  // What waits in this process is counted as not written yet.
  const position = () => socket.bytesWritten - socket.writableLength;
  const unwatch = transfers.watch({ position, stop: () => response.destroy() }, PATIENCE_MS);
  let held = bytes;
  const done = () => {
    unwatch();
    transfers.release(held);
    held = 0;
  };
  response.on('close', done).on('finish', done);
}

/** Writes the body of an answer, and ends it. Pieces are made as the client takes them, with a pause between. */
export async function writePieces(response: ServerResponse, pieces: Iterable<Buffer>): Promise<void> {
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += PIECE) {
      if (response.destroyed) return;
      if (response.write(piece.subarray(at, at + PIECE))) await nextTurn();
      else await drained(response);
    }
  }
  response.end();
}

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}
