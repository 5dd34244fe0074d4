import type { ServerResponse } from 'node:http';
import { infraHeader } from '../../api/verdict.js';
import type { Transfers } from '../../http/transfers.js';
import { watchWriting, writePieces } from '../../http/write.js';
import { jsonPieces } from './json.js';

export interface Answer {
  status: number;
  body?: unknown;
  /** Sent as it is, instead of `body`; `content-type` is among the headers then. */
  text?: string;
  headers?: Readonly<Record<string, string>>;
}

export function infraAnswer(status: number, body: unknown, reason: string): Answer {
  return { status, body, headers: infraHeader(reason) };
}

const SMALL = 2 ** 18;

/** Not if the client is gone or has an answer already. Resolves when nothing more is to be written. */
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
