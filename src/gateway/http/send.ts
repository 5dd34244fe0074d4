import type { ServerResponse } from 'node:http';
import { infraHeader } from '../../api/verdict.js';
import type { UpstreamResponse } from '../upstream/response-reader.js';
import { responseHeaders } from './headers.js';

/** How long a client may read nothing of its response. */
const SEND_TIMEOUT_MS = 60_000;

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  sendText(response, status, JSON.stringify(body), { 'content-type': 'application/json', ...headers });
}

export function sendText(
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

/** 504 is the only status that verl retries. */
export function sendInfraError(response: ServerResponse, reason: string): void {
  sendJson(response, 504, { detail: reason }, infraHeader(reason));
}

/** Passes an endpoint's response on unchanged, but for hop-by-hop headers; `added`: names and values in turn. */
export function sendUpstream(
  response: ServerResponse,
  method: string,
  { status, headers, body }: UpstreamResponse,
  added: readonly string[],
): void {
  if (response.headersSent || response.destroyed) return;
  const bodiless = method === 'HEAD' || status === 204 || status === 304;
  response.writeHead(status, [...responseHeaders(headers, bodiless ? undefined : body.length), ...added]);
  end(response, body);
}

function end(response: ServerResponse, body: Buffer): void {
  response.end(body);
  const { socket } = response;
  if (socket === null || socket.writableLength === 0) return;
  // The client did not take all at once: it may be slow, but must not stall for ever.
  socket.setTimeout(SEND_TIMEOUT_MS, () => socket.destroy());
  response.once('finish', () => socket.setTimeout(0));
}
