import type { ServerResponse } from 'node:http';
import { infraHeader } from '../../api/verdict.js';
import type { Transfers } from '../../http/transfers.js';
import { watchWriting, writePieces } from '../../http/write.js';
import { jsonPieces } from './json.js';

export interface Answer {
  status: number;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, instead of `body`; `content-type` is among the headers then. */
  text?: string;
  headers?: Readonly<Record<string, string>>;
}

/** An answer that says that the sandbox failed, and not the program. */
export function infraAnswer(status: number, body: unknown, reason: string): Answer {
  return { status, body, headers: infraHeader(reason) };
}

/** Characters of an answer up to which it is written at once. */
const SMALL = 2 ** 18;

/** Sends it, unless the client is gone or has an answer already. Resolves when no more of it is to be written. */
export async function send(
  response: ServerResponse,
  { status, body, text, headers }: Answer,
  transfers: Transfers,
): Promise<void> {
  if (response.headersSent || response.destroyed) return;
  const all = { 'content-type': 'application/json', ...headers };
  const bytes = text === undefined ? bytesIn(body) : 0;
  if (bytes <= SMALL) {
    const whole = Buffer.from(text ?? JSON.stringify(body));
    response.writeHead(status, { ...all, 'content-length': whole.length });
    response.end(whole);
    watchWriting(response, transfers, whole.length);
    return;
  }
  // Its length is known when it is written: in chunks.
  response.writeHead(status, all);
  watchWriting(response, transfers, bytes);
  await writePieces(response, jsonPieces(body));
}

/** Roughly: what an answer holds until it is sent. */
function bytesIn(value: unknown): number {
  if (typeof value === 'string' || Buffer.isBuffer(value)) return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, each) => sum + bytesIn(each), 0);
}
