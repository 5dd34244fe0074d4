import type { IncomingMessage } from 'node:http';
import { callerWaits, MARGIN_S } from '../../api/client-timeout.js';
import { parseRequest, type RunRequest } from '../../api/request.js';
import type { Job } from '../forward.js';
import { requestHeaders } from './headers.js';

export interface JobOptions {
  /** Header value for the servers; undefined where they ask for none. */
  authorization: string | undefined;
  /** Seconds that the most patient caller is kept waiting. */
  longestPatience: number;
  now(): number;
}

/** Seconds that a server may take beyond a run's own time-outs: a busy one is slow to begin. */
const TRY_SLACK_S = 5;
/** RFC 9110, 9.2.2. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE']);

/** Whether a request's answer is judged: by its path alone, as the servers' own router reads it. */
function isRun({ method, url = '' }: IncomingMessage): boolean {
  return method === 'POST' && (url === '/run_code' || url.startsWith('/run_code?'));
}

/** What to do for a client's request; `came` is when its first byte was read. */
export function jobOf(request: IncomingMessage, body: Buffer, came: number, options: JobOptions): Job {
  const { method = 'GET', url: target = '/', headers, rawHeaders, socket } = request;
  const run = isRun(request);
  const parsed = run ? parseRequest(body, headers['content-type']) : undefined;
  const times = parsed?.ok ? parsed.request : undefined;
  const patience = Math.min(options.longestPatience, times ? callerWaits(times, headers.accept) : Infinity);
  return {
    caller: socket.remoteAddress ?? '',
    request: { method, target, headers: requestHeaders(rawHeaders, options.authorization), body },
    isRun: run,
    repeatable: run || IDEMPOTENT.has(method),
    answerBy: came + Math.max(0, patience - MARGIN_S) * 1000,
    tryMs: Math.min(longestRun(times), options.longestPatience) * 1000,
  };
}

/** A request that no server would run is answered at once, by any of them. */
function longestRun(times: RunRequest | undefined): number {
  if (times === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(0, times.compileTimeout) + Math.max(0, times.runTimeout) + TRY_SLACK_S;
}
