import type { ServerResponse } from 'node:http';
import type { Transfers } from './transfers.js';

const IDLE_TIMEOUT_MS = 60_000;
const PIECE = 2 ** 18;

/** Disconnects a client that reads nothing of its answer. `bytes`: held by this process until it has read all. */
export function watchWriting(response: ServerResponse, transfers: Transfers, bytes: number): void {
  const { socket } = response;
  if (socket === null || (response.writableEnded && socket.writableLength === 0)) return;
  transfers.add(bytes);
  // What waits in this process is counted as not written yet.
  const position = () => socket.bytesWritten - socket.writableLength;
  const unwatch = transfers.watch({ position, stop: () => response.destroy() }, IDLE_TIMEOUT_MS);
  let held = bytes;
  const done = () => {
    unwatch();
    transfers.release(held);
    held = 0;
  };
  response.on('close', done).on('finish', done);
}

/** Pieces are made as the client reads them, with a pause between. */
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
