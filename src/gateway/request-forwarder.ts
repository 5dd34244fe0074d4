import type { CanaryResult } from '../api/canary.js';
import type { Doubt } from '../api/verdict.js';
import { Attempt } from './attempt.js';
import type { Balancer, SlotRequest } from './balance/balancer.js';
import type { Deadline, Deadlines } from './deadlines.js';
import type { Endpoint } from './endpoint.js';
import type { AttemptResult } from './judge.js';
import type { Cause, Outcome } from './types.js';
import type { Result, UpstreamRequest } from './upstream/pool.js';
import type { UpstreamResponse } from './upstream/response-reader.js';

/** A client's request, body included. */
export interface ProxyRequest {
  /** The client's address; clients take turns in the queue. */
  caller: string;
  upstreamRequest: UpstreamRequest;
  /** Whether it is a `/run_code`, whose response is judged. */
  isRun: boolean;
  /** Whether it may be sent again after it may have reached a server. */
  retryable: boolean;
  /** When the client must have its response, by the gateway's clock. */
  answerBy: number;
  attemptTimeoutMs: number;
}

export interface ForwarderDeps {
  balancer: Balancer<Endpoint>;
  deadlines: Deadlines;
  now(): number;
  /** Maximum attempts per request, of those that reached a server. */
  tries: number;
  maxQueue: number;
  onResult(endpoint: Endpoint, result: AttemptResult, ms: number): void;
  /** Checks an endpoint's health `afterMs` milliseconds from now. */
  verify(endpoint: Endpoint, afterMs: number, done: (result: CanaryResult) => void): void;
  onRetry(cause: Cause): void;
}

const NOTHING_TRIED: ReadonlyMap<Endpoint, number> = new Map();

/** Forwards one request: queues it, sends it, retries it elsewhere, all before the client's timeout. */
export class RequestForwarder implements SlotRequest<Endpoint>, Deadline {
  readonly caller: string;
  readonly at: number;
  isRetry = false;
  tried = NOTHING_TRIED;
  /** Milliseconds in the queue so far. */
  waited = 0;
  attempts = 0;
  /** The endpoint of the latest attempt. */
  endpoint: Endpoint | undefined;
  private attemptsThatReached = 0;
  private queuedSince = 0;
  private reason = 'no endpoint is in reach';
  private attempt: Attempt | undefined;
  private verifying = false;
  private onEnd: ((outcome: Outcome) => void) | undefined;
  private readonly deps: ForwarderDeps;
  readonly request: ProxyRequest;

  /** `onEnd` is called once, unless the request is cancelled first. */
  constructor(deps: ForwarderDeps, request: ProxyRequest, onEnd: (outcome: Outcome) => void) {
    this.deps = deps;
    this.request = request;
    this.caller = request.caller;
    this.at = request.answerBy;
    this.onEnd = onEnd;
  }

  start(): void {
    this.deps.deadlines.add(this);
    this.next();
  }

  /** The client disconnected. A running program goes on: SandboxFusion has no way to stop it. */
  cancel(): void {
    this.end(undefined);
  }

  onGranted(endpoint: Endpoint): void {
    this.waited += this.deps.now() - this.queuedSince;
    this.send(endpoint);
  }

  expire(): void {
    this.end({ kind: 'infra', reason: `no answer in time: ${this.timeoutReason()}`, tries: this.attempts });
  }

  /** Called by the attempt, unless it was abandoned. */
  onAttemptEnd(attempt: Attempt, result: Result, judged: AttemptResult): void {
    this.attempt = undefined;
    if (judged.end === 'infra') this.failed(attempt.endpoint, judged, 'error' in result && result.unreached);
    else if (!('error' in result)) this.answered(attempt.endpoint, result, judged.doubt);
  }

  /** A doubtful response may come from a server that is shutting down: a health check must pass after it. */
  private answered(endpoint: Endpoint, answer: UpstreamResponse, doubt: Doubt | null): void {
    if (doubt === null) {
      this.end({ kind: 'answer', answer, tries: this.attempts });
      return;
    }
    this.verifying = true;
    this.reason = `unverified: ${doubt.reason} (${endpoint.info.url})`;
    endpoint.pendingVerifications += 1;
    this.deps.verify(endpoint, doubt.afterMs, (health) => {
      endpoint.pendingVerifications -= 1;
      this.verifying = false;
      if (this.onEnd === undefined) return;
      if (health.ok) {
        this.end({ kind: 'answer', answer, tries: this.attempts });
        return;
      }
      const reason = `unverified: ${doubt.reason}, then ${health.reason}`;
      this.failed(endpoint, { reason, cause: 'unverified' }, false);
    });
  }

  /** The endpoint left rotation: retries elsewhere while the attempt runs out by itself. */
  abandon(attempt: Attempt, reason: string): void {
    attempt.forwarder = undefined;
    this.attempt = undefined;
    this.failed(attempt.endpoint, { reason, cause: 'ejected' }, false);
  }

  private failed(
    endpoint: Endpoint,
    { reason, cause }: { reason: string; cause: Cause },
    unreached: boolean,
  ): void {
    this.reason = `${reason} (${endpoint.info.url})`;
    if (!unreached) this.attemptsThatReached += 1;
    if (!unreached && !this.request.retryable) {
      this.end({ kind: 'infra', reason: this.reason, tries: this.attempts });
      return;
    }
    if (this.attemptsThatReached >= this.deps.tries) {
      const reason = `${this.attempts} attempts failed: ${this.reason}`;
      this.end({ kind: 'infra', reason, tries: this.attempts });
      return;
    }
    this.tried = new Map(this.tried).set(endpoint, endpoint.successes);
    this.isRetry = true;
    this.deps.onRetry(cause);
    this.next();
  }

  private next(): void {
    const { balancer, maxQueue, now } = this.deps;
    const endpoint = balancer.tryAcquire(this);
    if (endpoint !== undefined) {
      this.send(endpoint);
      return;
    }
    if (!this.isRetry && balancer.queued >= maxQueue) {
      const reason = `the queue is full (${balancer.queued} requests are waiting)`;
      this.end({ kind: 'refused', reason, tries: 0 });
      return;
    }
    this.queuedSince = now();
    balancer.enqueue(this);
  }

  private send(endpoint: Endpoint): void {
    this.attempts += 1;
    this.endpoint = endpoint;
    this.attempt = new Attempt(this.deps, this, endpoint);
    this.attempt.start();
  }

  private timeoutReason(): string {
    if (this.attempt !== undefined) return `still running (${this.attempt.endpoint.info.url})`;
    return this.attempts === 0 ? 'no free slot on any endpoint' : this.reason;
  }

  private end(outcome: Outcome | undefined): void {
    const { onEnd } = this;
    if (onEnd === undefined) return;
    this.onEnd = undefined;
    this.deps.deadlines.delete(this);
    if (this.attempt !== undefined) this.attempt.forwarder = undefined;
    else if (!this.verifying && this.deps.balancer.dequeue(this))
      this.waited += this.deps.now() - this.queuedSince;
    if (outcome !== undefined) onEnd(outcome);
  }
}
