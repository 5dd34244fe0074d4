import type { IncomingMessage, ServerResponse } from 'node:http';
import { VERIFIED_HEADER } from '../api/verdict.js';
import { type ForwarderDeps, RequestForwarder } from './forwarding/request-forwarder.js';
import { readBody } from './http/body.js';
import { type ProxyRequestOptions, proxyRequestOf } from './http/proxy-request.js';
import { sendInfraError, sendJson, sendUpstream } from './http/send.js';
import type { Outcome } from './types.js';

/** One request in the record log; its keys are a public format. */
export interface AccessRecord {
  method: string;
  /** Without the query, which may hold secrets. */
  path: string;
  client: string;
  status: number;
  /** `gone`: the client disconnected. */
  end: Outcome['kind'] | 'too_long' | 'gone';
  /** Why it failed; null if it did not. */
  reason: string | null;
  /** The endpoint of the last attempt; null for none. */
  endpoint: string | null;
  tries: number;
  /** Seconds in the queue. */
  waited: number;
  /** Seconds in total. */
  took: number;
}

export interface ProxyOptions extends ForwarderDeps, ProxyRequestOptions {
  /** Maximum bytes of a request body. */
  bodyLimit: number;

  onStart(): void;
  /** Called once for every request, when its response is being sent. */
  onComplete(record: AccessRecord): void;
}

/** Reads a client's request, has it forwarded and sends the response. */
export class HttpProxy {
  underWay = 0;
  private readonly options: ProxyOptions;

  constructor(options: ProxyOptions) {
    this.options = options;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { options } = this;
    const receivedAt = options.now();
    this.underWay += 1;
    options.onStart();
    const body = await readBody(request, options.bodyLimit);
    if (body === null) return this.complete(request, receivedAt, 0, 'gone', null, undefined);
    if (body === undefined) {
      // The rest of the body is not read, so the connection cannot be reused.
      response.shouldKeepAlive = false;
      sendJson(response, 413, { detail: 'Request Entity Too Large' });
      return this.complete(request, receivedAt, 413, 'too_long', null, undefined);
    }
    const proxyRequest = proxyRequestOf(request, body, receivedAt, options);
    const marks =
      proxyRequest.isRun && options.verifyMode !== 'none' ? [VERIFIED_HEADER, options.verifyMode] : [];
    const forwarder = new RequestForwarder(options, proxyRequest, (outcome) => {
      response.off('close', onDisconnect);
      if (outcome.kind === 'answer')
        sendUpstream(response, proxyRequest.upstreamRequest.method, outcome.answer, marks);
      else sendInfraError(response, outcome.reason);
      const reason = outcome.kind === 'answer' ? null : outcome.reason;
      this.complete(request, receivedAt, response.statusCode, outcome.kind, reason, forwarder);
    });
    const onDisconnect = () => {
      forwarder.cancel();
      this.complete(request, receivedAt, 0, 'gone', null, forwarder);
    };
    response.on('close', onDisconnect);
    forwarder.start();
  }

  private complete(
    { method = '', url = '', socket }: IncomingMessage,
    receivedAt: number,
    status: number,
    end: AccessRecord['end'],
    reason: string | null,
    forwarder: RequestForwarder | undefined,
  ): void {
    this.underWay -= 1;
    this.options.onComplete({
      method,
      path: url.split('?', 1)[0] ?? '',
      client: socket.remoteAddress ?? '',
      status,
      end,
      reason,
      endpoint: forwarder?.endpoint?.info.url ?? null,
      tries: forwarder?.attempts ?? 0,
      waited: (forwarder?.waited ?? 0) / 1000,
      took: (this.options.now() - receivedAt) / 1000,
    });
  }
}
