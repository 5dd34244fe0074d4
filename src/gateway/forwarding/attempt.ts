import { CLIENT_TIMEOUT_HEADER } from '../../api/client-timeout.js';
import type { Deadline } from '../deadlines.js';
import { type Endpoint, isOurs } from '../endpoint.js';
import { type AttemptResult, judgeAttempt } from '../judge.js';
import type { Exchange, Result, UpstreamRequest } from '../upstream/pool.js';
import type { ForwarderDeps, ProxyRequest } from './types.js';

/** How many times longer than its limit a run is awaited on a server that extends limits. */
const MAX_EXTENSION = 4;

export interface AttemptListener {
  onAttemptEnd(attempt: Attempt, result: Result, judged: AttemptResult): void;
  /** Its endpoint left rotation: the attempt runs out by itself. */
  onAbandoned(attempt: Attempt, reason: string): void;
}

/**
 * One request on one endpoint. It keeps its slot until the server is done with it, even when nobody listens any more:
 * the server goes on running the program.
 */
export class Attempt implements Deadline {
  readonly at: number;
  readonly endpoint: Endpoint;
  private listener: AttemptListener | undefined;
  private readonly deps: ForwarderDeps;
  private readonly request: ProxyRequest;
  private readonly startedAt: number;
  private exchange: Exchange | undefined;
  private readonly onEjected = () =>
    this.listener?.onAbandoned(this, 'the endpoint does not answer its health checks');

  constructor(deps: ForwarderDeps, request: ProxyRequest, endpoint: Endpoint, listener: AttemptListener) {
    this.deps = deps;
    this.request = request;
    this.listener = listener;
    this.endpoint = endpoint;
    this.startedAt = deps.now();
    this.at = this.startedAt + this.timeoutMs();
  }

  start(): void {
    const { request, endpoint, deps } = this;
    deps.deadlines.add(this);
    if (request.retryable) endpoint.onEjected.add(this.onEjected);
    // On a reused connection a loss does not tell whether the request reached the server.
    const fresh = !request.retryable;
    this.exchange = endpoint.pool.send(this.upstreamRequest(), (result) => this.end(result), fresh);
  }

  /** Our own server extends a run's limit while other programs have its CPUs. */
  private timeoutMs(): number {
    const { attemptTimeoutMs, longestMs, answerBy } = this.request;
    if (!isOurs(this.endpoint)) return attemptTimeoutMs;
    return Math.max(attemptTimeoutMs, Math.min(answerBy - this.startedAt, longestMs * MAX_EXTENSION));
  }

  /** Nobody waits for it any more. Our own server then ends the run, and its slot is free. */
  leave(): void {
    this.detach();
    if (this.request.isRun && isOurs(this.endpoint)) this.exchange?.abort('its client is gone', 'cancelled');
  }

  detach(): void {
    this.listener = undefined;
  }

  /** With the seconds for which this attempt is awaited: a server of ours lets a request wait no longer. */
  private upstreamRequest(): UpstreamRequest {
    const { upstreamRequest, isRun, answerBy } = this.request;
    const ms = Math.min(answerBy, this.at) - this.startedAt;
    if (!isRun || !Number.isFinite(ms)) return upstreamRequest;
    const headers = `${upstreamRequest.headers}${CLIENT_TIMEOUT_HEADER}: ${Math.max(1, ms) / 1000}\r\n`;
    return { ...upstreamRequest, headers };
  }

  expire(): void {
    this.exchange?.abort(`no answer within ${(this.at - this.startedAt) / 1000} s`, 'timeout');
  }

  private end(result: Result): void {
    const { deps, endpoint, request } = this;
    deps.deadlines.delete(this);
    endpoint.onEjected.delete(this.onEjected);
    const { isRun, isSubmission, limits } = request;
    const seconds = (deps.now() - this.startedAt) / 1000;
    const judged = judgeAttempt(result, { isRun, isSubmission, limits, seconds });
    if (judged instanceof Promise) void judged.then((later) => this.judged(result, later));
    else this.judged(result, judged);
  }

  private judged(result: Result, judged: AttemptResult): void {
    const { deps, endpoint, listener } = this;
    this.detach();
    if (!('error' in result) || result.cause !== 'cancelled')
      deps.onResult(endpoint, judged, deps.now() - this.startedAt);
    listener?.onAttemptEnd(this, result, judged);
    deps.balancer.release(endpoint);
  }
}
