import type { ServerResponse } from 'node:http';
import { infraHeader } from '../../api/verdict.js';
import type { Transfers } from '../../http/transfers.js';
import { watchWriting, writePieces } from '../../http/write.js';
import type { UpstreamResponse } from '../upstream/response-reader.js';
import { responseHeaders } from './headers.js';

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
  response.end(body);
}

/** 504 is the only status that verl retries. */
export function sendInfraError(response: ServerResponse, reason: string): void {
  sendJson(response, 504, { detail: reason }, infraHeader(reason));
}

const SMALL = 2 ** 18;

export interface SendOptions {
  added: readonly string[];
  transfers: Transfers;
}

export function sendUpstream(
  response: ServerResponse,
  method: string,
  { status, headers, body }: UpstreamResponse,
  { added, transfers }: SendOptions,
): void {
  if (response.headersSent || response.destroyed) return;
  const bodiless = method === 'HEAD' || status === 204 || status === 304;
  response.writeHead(status, [...responseHeaders(headers, bodiless ? undefined : body.length), ...added]);
  if (body.length <= SMALL) response.end(body);
  watchWriting(response, transfers, body.length);
  if (body.length > SMALL) void writePieces(response, [body]);
}
