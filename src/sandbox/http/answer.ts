import type { ServerResponse } from 'node:http';
import { infraHeader } from '../../api/verdict.js';
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

/** Sends it, unless the client is gone or has an answer already. */
export function send(response: ServerResponse, { status, body, text, headers }: Answer): void {
  if (response.headersSent || response.destroyed) return;
  const pieces = text === undefined ? jsonPieces(body) : [Buffer.from(text)];
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  response.writeHead(status, { 'content-type': 'application/json', ...headers, 'content-length': length });
  for (const piece of pieces.slice(0, -1)) response.write(piece);
  response.end(pieces.at(-1));
}
