import type { IncomingMessage, ServerResponse } from 'node:http';
import { infraHeader, VERIFIED_HEADER } from '../api/verdict.js';
import { messageOf } from '../errors.js';
import { Bodies, NoRoom, Stalled } from '../http/bodies.js';
import type { Transfers } from '../http/transfers.js';
import { RequestForwarder } from './forwarding/request-forwarder.js';
import type { ForwarderDeps } from './forwarding/types.js';
import { type ProxyRequestOptions, proxyRequestOf } from './http/proxy-request.js';
import { sendInfraError, sendJson, sendUpstream } from './http/send.js';
import type { FailureCause, Outcome } from './types.js';

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
  /** The kind of that reason, if the sandbox failed. */
  cause: FailureCause | null;
  endpoint: string | null;
  tries: number;
  /** Seconds in the queue. */
  waited: number;
  /** Seconds in total. */
  took: number;
}

export interface ProxyOptions extends ForwarderDeps, ProxyRequestOptions {
  bodyLimit: number;
  transfers: Transfers;
  onComplete(record: AccessRecord): void;
}

export class HttpProxy {
  underWay = 0;
  private readonly options: ProxyOptions;
  private readonly bodies: Bodies;

  constructor(options: ProxyOptions) {
    this.options = options;
    this.bodies = new Bodies(options.transfers, options.bodyLimit, { readsOn: false });
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { options } = this;
    const receivedAt = options.now();
    this.underWay += 1;
    try {
      await this.bodies.with(request, (body) => this.forward(request, response, body, receivedAt));
    } catch (error) {
      // The rest of the body is not read, so the connection cannot be reused.
      if (!request.complete) response.shouldKeepAlive = false;
      const reason = messageOf(error);
      if (error instanceof NoRoom) sendInfraError(response, reason);
      else if (error instanceof Stalled) sendJson(response, 408, { detail: reason }, infraHeader(reason));
      const end = error instanceof NoRoom ? 'refused' : 'gone';
      this.complete(
        request,
        receivedAt,
        response.headersSent ? response.statusCode : 0,
        end,
        reason,
        undefined,
      );
    }
  }

  private async forward(
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer | undefined,
    receivedAt: number,
  ): Promise<void> {
    const { options } = this;
    if (body === undefined) {
      response.shouldKeepAlive = false;
      sendJson(response, 413, { detail: 'Request Entity Too Large' });
      return this.complete(request, receivedAt, 413, 'too_long', null, undefined);
    }
    const proxyRequest = await proxyRequestOf(request, body, receivedAt, options);
    if (response.destroyed) return this.complete(request, receivedAt, 0, 'gone', null, undefined);
    const added =
      proxyRequest.isRun && options.verifyMode !== 'none' ? [VERIFIED_HEADER, options.verifyMode] : [];
    const { transfers } = options;
    await new Promise<void>((resolve) => {
      const forwarder = new RequestForwarder(options, proxyRequest, (outcome) => {
        response.off('close', onDisconnect);
        if (outcome.kind === 'answer')
          sendUpstream(response, proxyRequest.upstreamRequest.method, outcome.answer, { added, transfers });
        else sendInfraError(response, outcome.reason);
        const reason = outcome.kind === 'answer' ? null : outcome.reason;
        this.complete(request, receivedAt, response.statusCode, outcome.kind, reason, forwarder);
        resolve();
      });
      const onDisconnect = () => {
        forwarder.cancel();
        this.complete(request, receivedAt, 0, 'gone', null, forwarder);
        resolve();
      };
      response.on('close', onDisconnect);
      forwarder.start();
    });
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
      cause: causeOf(end, forwarder),
      endpoint: forwarder?.attempts.endpoint?.info.url ?? null,
      tries: forwarder?.attempts.count ?? 0,
      waited: (forwarder?.place.waited ?? 0) / 1000,
      took: (this.options.now() - receivedAt) / 1000,
    });
  }
}

function causeOf(end: AccessRecord['end'], forwarder: RequestForwarder | undefined): FailureCause | null {
  if (end === 'refused') return forwarder === undefined ? 'no_memory' : 'queue_full';
  return end === 'infra' ? (forwarder?.cause ?? null) : null;
}
