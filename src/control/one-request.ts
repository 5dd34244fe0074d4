import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import { after } from '../node.js';

/** `unconnected`: the connection was not accepted in time. `silent`: it was accepted, but no answer came in time. */
export class NoAnswer extends Error {
  readonly kind: 'unconnected' | 'silent';

  constructor(kind: 'unconnected' | 'silent') {
    super(`no answer (${kind})`);
    this.kind = kind;
  }
}

export interface OneRequest {
  json?: unknown;
  /** Milliseconds until the connection is accepted. */
  connectMs: number;
  /** Milliseconds until the answer begins, and between two parts of it. */
  silentMs: number;
  signal?: AbortSignal | undefined;
}

export interface OneAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}

/**
 * Sends one request on a connection of its own. Rejects with `NoAnswer`, the reason of `signal`, or the system's
 * error. It uses Node's client, since loading undici takes as long as a short command.
 */
export async function oneRequest(url: string, options: OneRequest): Promise<OneAnswer> {
  const { json, connectMs, silentMs, signal } = options;
  const stop = new AbortController();
  const within = (ms: number, kind: NoAnswer['kind']) => after(ms, () => stop.abort(new NoAnswer(kind)));
  let stopTimer = within(connectMs, 'unconnected');
  const alive = () => {
    stopTimer();
    stopTimer = within(silentMs, 'silent');
  };
  const post = { method: 'POST', headers: { 'content-type': 'application/json' } };
  try {
    const request = (url.startsWith('https:') ? https : http).request(url, {
      agent: false,
      signal: AbortSignal.any([stop.signal, ...(signal === undefined ? [] : [signal])]),
      ...(json === undefined ? {} : post),
    });
    // After the answer has begun, its own error event reports the failure.
    request.on('error', () => undefined);
    request.once('socket', (socket) => socket.once('connect', alive));
    request.end(json === undefined ? undefined : JSON.stringify(json));
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    alive();
    const parts: Buffer[] = [];
    for await (const part of response) {
      parts.push(part);
      alive();
    }
    const { statusCode = 0, headers } = response;
    return { status: statusCode, headers, body: Buffer.concat(parts).toString() };
  } catch (error) {
    signal?.throwIfAborted();
    stop.signal.throwIfAborted();
    throw error;
  } finally {
    stopTimer();
  }
}
