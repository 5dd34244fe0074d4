import type { IncomingMessage } from 'node:http';
import { clientTimeoutSeconds, longestRunSeconds, RESPONSE_MARGIN_S } from '../../api/client-timeout.js';
import { parseRequestInSlices } from '../../api/request.js';
import { runTarget } from '../../api/run-target.js';
import { nextTurn } from '../../http/write.js';
import type { ProxyRequest } from '../forwarding/types.js';
import { requestHeaders } from './headers.js';

export interface ProxyRequestOptions {
  authorization: string | undefined;
  maxClientTimeout: number;
  now(): number;
}

/** Seconds beyond a run's own timeouts: a busy server is slow to start it. */
const ATTEMPT_SLACK_S = 5;
/** RFC 9110, 9.2.2. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE']);

/** Exactly, as the servers' own router does. */
function isRun(method: string, target: string): boolean {
  return method === 'POST' && (target === '/run_code' || target.startsWith('/run_code?'));
}

export async function proxyRequestOf(
  request: IncomingMessage,
  body: Buffer,
  receivedAt: number,
  options: ProxyRequestOptions,
): Promise<ProxyRequest> {
  const { method = 'GET', url = '/', headers, rawHeaders, socket } = request;
  const target = runTarget(url);
  const run = isRun(method, target);
  const parsed = run ? await parseRequestInSlices(body, headers['content-type'], nextTurn) : undefined;
  const times = parsed?.ok ? parsed.request : undefined;
  const timeout = Math.min(options.maxClientTimeout, times ? clientTimeoutSeconds(times, headers) : Infinity);
  // An invalid request is rejected at once by any server.
  const longest = times === undefined ? Number.POSITIVE_INFINITY : longestRunSeconds(times);
  return {
    caller: socket.remoteAddress ?? '',
    upstreamRequest: { method, target, headers: requestHeaders(rawHeaders, options.authorization), body },
    isRun: run,
    limits: times ?? null,
    retryable: run || IDEMPOTENT.has(method),
    answerBy: receivedAt + Math.max(0, timeout - RESPONSE_MARGIN_S) * 1000,
    attemptTimeoutMs: Math.min(longest + ATTEMPT_SLACK_S, options.maxClientTimeout) * 1000,
    longestMs: longest * 1000,
  };
}
