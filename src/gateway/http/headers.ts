import { CLIENT_TIMEOUT_HEADER } from '../../api/client-timeout.js';
import { VERIFIED_HEADER } from '../../api/verdict.js';

/** RFC 9110, 7.6.1: never forwarded. */
const HOP_BY_HOP = new Set([
  ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te'],
  ...['trailer', 'transfer-encoding', 'upgrade'],
]);
/**
 * Written by the gateway itself. No accept-encoding, since it must read a response to judge it; no headers about a
 * browser's page, since it has judged those.
 */
const REWRITTEN = new Set([
  ...['host', 'content-length', 'expect', 'accept-encoding', 'authorization', CLIENT_TIMEOUT_HEADER],
  ...['origin', 'sec-fetch-site'],
]);

/** An endpoint that was taken over could let web pages read answers, or have clients trust it. */
const OF_THE_GATEWAY = new Set(['set-cookie', VERIFIED_HEADER]);
const isOfTheGateway = (name: string) => OF_THE_GATEWAY.has(name) || name.startsWith('access-control-');

export function requestHeaders(raw: readonly string[], authorization: string | undefined): string {
  const named = connectionOptions(raw);
  let lines = authorization === undefined ? '' : `authorization: ${authorization}\r\n`;
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] as string).toLowerCase();
    if (HOP_BY_HOP.has(name) || REWRITTEN.has(name) || named?.has(name)) continue;
    lines += `${name}: ${raw[at + 1]}\r\n`;
  }
  return lines;
}

export function responseHeaders(raw: readonly string[], length: number | undefined): string[] {
  const named = connectionOptions(raw);
  const kept: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] as string).toLowerCase();
    if (HOP_BY_HOP.has(name) || name === 'content-length' || named?.has(name)) continue;
    if (isOfTheGateway(name)) continue;
    kept.push(raw[at] as string, raw[at + 1] as string);
  }
  if (length !== undefined) kept.push('content-length', String(length));
  return kept;
}

/** Header names that `connection` lists: they are hop-by-hop too. */
function connectionOptions(raw: readonly string[]): ReadonlySet<string> | undefined {
  let named: Set<string> | undefined;
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] as string;
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue;
    for (const each of (raw[at + 1] as string).split(',')) {
      const word = each.trim().toLowerCase();
      if (word === 'keep-alive' || word === 'close' || word === '') continue;
      named ??= new Set();
      named.add(word);
    }
  }
  return named;
}
