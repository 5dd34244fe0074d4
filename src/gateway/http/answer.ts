import type { ServerResponse } from 'node:http';
import { infraHeader } from '../../api/verdict.js';
import type { UpstreamAnswer } from '../upstream/answer-reader.js';
import { answerHeaders } from './headers.js';

/** Milliseconds for a client to take its answer, or the next piece of it. */
const TAKE_MS = 60_000;

/** An answer of the gateway's own, as JSON. */
export function say(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  sayText(response, status, JSON.stringify(body), { 'content-type': 'application/json', ...headers });
}

export function sayText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>>,
): void {
  if (response.headersSent || response.destroyed) return;
  const body = Buffer.from(text);
  response.writeHead(status, { ...headers, 'content-length': body.length });
  end(response, body);
}

/** The sandbox failed: 504 is what makes verl try again. */
export function sayInfra(response: ServerResponse, reason: string): void {
  say(response, 504, { detail: reason }, infraHeader(reason));
}

/** A server's answer, as it came. */
export function pass(
  response: ServerResponse,
  method: string,
  { status, headers, body }: UpstreamAnswer,
): void {
  if (response.headersSent || response.destroyed) return;
  const bodiless = method === 'HEAD' || status === 204 || status === 304;
  response.writeHead(status, answerHeaders(headers, bodiless ? undefined : body.length));
  end(response, body);
}

function end(response: ServerResponse, body: Buffer): void {
  response.end(body);
  const { socket } = response;
  if (socket === null || socket.writableLength === 0) return;
  // It does not take all at once: it may be slow, but not for ever.
  socket.setTimeout(TAKE_MS, () => socket.destroy());
  response.once('finish', () => socket.setTimeout(0));
}
