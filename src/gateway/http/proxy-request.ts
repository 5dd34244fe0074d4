import type { IncomingMessage } from 'node:http';
import {
  clientTimeoutSeconds,
  longestRunSeconds,
  RESPONSE_MARGIN_S,
  statedTimeout,
} from '../../api/client-timeout.js';
import { parseRequestInSlices } from '../../api/request.js';
import { runTarget } from '../../api/run-target.js';
import { decodedBody, submissionSeconds } from '../../api/submission.js';
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
function isPost(route: string, method: string, target: string): boolean {
  return method === 'POST' && (target === route || target.startsWith(`${route}?`));
}

export async function proxyRequestOf(
  request: IncomingMessage,
  body: Buffer,
  receivedAt: number,
  options: ProxyRequestOptions,
): Promise<ProxyRequest> {
  const { method = 'GET', url = '/', headers, rawHeaders, socket } = request;
  const target = runTarget(url);
  const run = isPost('/run_code', method, target);
  const submissionTime = isPost('/submit', method, target)
    ? submissionSeconds(await decodedBody(body, nextTurn))
    : undefined;
  const isSubmission = submissionTime !== undefined;
  const parsed = run ? await parseRequestInSlices(body, headers['content-type'], nextTurn) : undefined;
  const times = parsed?.ok ? parsed.request : undefined;
  const stated = times
    ? clientTimeoutSeconds(times, headers)
    : isSubmission
      ? statedTimeout(headers)
      : undefined;
  const timeout = Math.min(options.maxClientTimeout, stated ?? Infinity);
  // An invalid request is rejected at once by any server.
  const longest =
    times === undefined ? (submissionTime ?? Number.POSITIVE_INFINITY) : longestRunSeconds(times);
  return {
    caller: socket.remoteAddress ?? '',
    upstreamRequest: { method, target, headers: requestHeaders(rawHeaders, options.authorization), body },
    isRun: run || isSubmission,
    isSubmission,
    limits: times ?? null,
    retryable: run || isSubmission || IDEMPOTENT.has(method),
    answerBy: receivedAt + Math.max(0, timeout - RESPONSE_MARGIN_S) * 1000,
    attemptTimeoutMs: Math.min(longest + ATTEMPT_SLACK_S, options.maxClientTimeout) * 1000,
    longestMs: longest * 1000,
  };
}
