import type { CanaryResult } from '../../api/canary.js';
import { Claims } from '../../api/claims.js';
import type { Balancer, SlotRequest } from '../balance/balancer.js';
import type { Deadline, Deadlines } from '../deadlines.js';
import { type Endpoint, isCrowded } from '../endpoint.js';
import type { AttemptResult } from '../judge.js';
import type { Cause, Outcome } from '../types.js';
import type { Result, UpstreamRequest } from '../upstream/pool.js';
import type { UpstreamResponse } from '../upstream/response-reader.js';
import { Attempt } from './attempt.js';
import { Hedge } from './hedge.js';
import { type Needs, needsOf, type VerifyMode } from './verification.js';

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
  /** Milliseconds that a run may take by its own timeouts. */
  longestMs: number;
}

export interface ForwarderDeps {
  balancer: Balancer<Endpoint>;
  deadlines: Deadlines;
  now(): number;
  /** Maximum attempts per request, of those that reached a server. */
  tries: number;
  maxQueue: number;
  verifyMode: VerifyMode;
  onResult(endpoint: Endpoint, result: AttemptResult, ms: number): void;
  /** Another endpoint has run what this one failed on. */
  onBlame(endpoint: Endpoint, reason: string, cause: Cause): void;
  /** Checks an endpoint's health `afterMs` milliseconds from now. */
  verify(endpoint: Endpoint, afterMs: number, done: (result: CanaryResult) => void): void;
  /** Number of endpoints in rotation. */
  inRotation(): number;
  onRetry(cause: Cause): void;
  /** Milliseconds that runs take lately. */
  expectedMs(): number;
}

interface Failure {
  reason: string;
  cause: Cause;
  claim?: string | undefined;
  /** The request surely did not reach the server. */
  unreached?: boolean;
  /** What the endpoint answered, if it did. */
  answer?: UpstreamResponse | undefined;
}

/** Causes of failures after which a server may answer nobody. */
const SILENCED: ReadonlySet<Cause> = new Set(['ejected', 'reset', 'timeout']);
/** A request that so many servers had when they left rotation may be why they did: no other gets it. */
const MAX_SILENCED = 2;

const NOTHING_TRIED: ReadonlyMap<Endpoint, number> = new Map();
/** Milliseconds before a connection is tried again for which this process had no descriptor. */
const EXHAUSTED_PAUSE_MS = 100;
/** Below any number of successes: the endpoint may get the request again as soon as there is no other. */
const AGAIN = -1;

/** Forwards one request: queues it, sends it, verifies its answer or retries it elsewhere, before the client's timeout. */
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
  /** The one beside which a second was begun. */
  private earlier: Attempt | undefined;
  private first: Attempt | undefined;
  private fallback: UpstreamResponse | undefined;
  private hedge: Hedge | undefined;
  private hedged = false;
  private queued = false;
  private pause: Deadline | undefined;
  /** Answers that wait for a health check. */
  private held = 0;
  private readonly claims = new Claims<Endpoint>();
  /** Failures that are the endpoints' own once another one runs the request. */
  private failures: [Endpoint, Failure][] = [];
  /** Endpoints that failed without an answer while they had this request, and whether they left rotation for it. */
  private readonly silent = new Map<Endpoint, boolean>();
  private unconfirmed: Needs['confirm'] = null;
  /** Why there is an answer that is not passed on. */
  private withheld: string | undefined;
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

  /** The client disconnected. On SandboxFusion a running program goes on: it has no way to stop it. */
  cancel(): void {
    this.end(undefined);
  }

  onGranted(endpoint: Endpoint): void {
    this.queued = false;
    this.waited += this.deps.now() - this.queuedSince;
    this.send(endpoint);
  }

  expire(): void {
    this.fail(this.withheld ?? `no answer in time: ${this.timeoutReason()}`);
  }

  /** Called by the attempt, unless it was abandoned. */
  onAttemptEnd(attempt: Attempt, result: Result, judged: AttemptResult): void {
    this.detach(attempt);
    const { endpoint } = attempt;
    if (judged.end !== 'infra') {
      if (!('error' in result)) this.answered(endpoint, result, judged);
      return;
    }
    const unreached = 'error' in result && result.unreached;
    this.failed(endpoint, { ...judged, unreached, answer: 'error' in result ? undefined : result });
  }

  /** The endpoint left rotation: retries elsewhere while the attempt runs out by itself. */
  abandon(attempt: Attempt, reason: string): void {
    this.detach(attempt);
    this.failed(attempt.endpoint, { reason, cause: 'ejected' });
  }

  private detach(attempt: Attempt): void {
    attempt.forwarder = undefined;
    if (attempt === this.attempt) this.attempt = this.earlier;
    this.earlier = undefined;
  }

  /** Begins a second attempt beside the first; the first answer counts. Returns whether a slot was free. */
  private startSecond(): boolean {
    const { attempt, deps } = this;
    if (attempt === undefined || deps.balancer.queued > 0) return false;
    const { endpoint: slow } = attempt;
    const before = this.tried;
    this.tried = new Map(before).set(slow, Number.POSITIVE_INFINITY);
    const endpoint = deps.balancer.tryAcquire(this);
    if (endpoint === undefined) {
      this.tried = before;
      return false;
    }
    this.hedged = true;
    this.earlier = attempt;
    this.first = attempt;
    deps.onRetry('slow');
    this.send(endpoint);
    return true;
  }

  private answered(
    endpoint: Endpoint,
    answer: UpstreamResponse,
    { end, doubt }: Exclude<AttemptResult, { end: 'infra' }>,
  ): void {
    const needs = needsOf(doubt, end === 'program' ? this.deps.verifyMode : 'none', endpoint);
    if (needs.afterMs === null) {
      this.verified(endpoint, answer, needs);
      return;
    }
    this.withheld = `unverified: ${needs.reason}, and no health check passed in time (${endpoint.info.url})`;
    this.hold(endpoint, needs.afterMs, (health) => {
      if (health.ok) this.verified(endpoint, answer, needs);
      else
        this.failed(endpoint, {
          reason: `unverified: ${needs.reason}, then ${health.reason}`,
          cause: 'unverified',
        });
    });
  }

  /** Waits for a health check that begins after this moment. Holds no slot. */
  private hold(endpoint: Endpoint, afterMs: number, done: (health: CanaryResult) => void): void {
    this.held += 1;
    endpoint.pendingVerifications += 1;
    this.deps.verify(endpoint, afterMs, (health) => {
      endpoint.pendingVerifications -= 1;
      this.held -= 1;
      if (this.onEnd !== undefined) done(health);
    });
  }

  private verified(endpoint: Endpoint, answer: UpstreamResponse, { confirm, reason }: Needs): void {
    if (confirm === 'too slow' && !this.mayBeFaster(endpoint)) {
      this.succeed(answer);
      return;
    }
    if (confirm === null || confirm === this.unconfirmed) {
      // The other server has said the same, so it was right.
      if (confirm !== null) this.failures = this.failures.filter(([, { cause }]) => cause !== 'unverified');
      this.succeed(answer);
      return;
    }
    this.unconfirmed = confirm;
    // Load is not ill health, and if no other server has the time, the answer stands.
    if (confirm === 'too slow') this.fallback = answer;
    else
      this.failures.push([
        endpoint,
        { reason: `${reason}, and another server did not confirm it`, cause: 'unverified' },
      ]);
    this.withheld = `unverified: ${reason}, and no second run confirmed it in time (${endpoint.info.url})`;
    // A second attempt that is under way will do.
    const successes = confirm === 'too slow' ? Number.POSITIVE_INFINITY : AGAIN;
    if (this.attempt === undefined) this.retry(endpoint, successes, 'unverified');
  }

  /** Whether a program that timed out may end in time on another server. */
  private mayBeFaster(endpoint: Endpoint): boolean {
    const { now, inRotation, expectedMs } = this.deps;
    return isCrowded(endpoint) && inRotation() > 1 && now() + expectedMs() < this.request.answerBy;
  }

  /** The answer is known to be the program's, so other servers' failures were their own. */
  private succeed(answer: UpstreamResponse): void {
    for (const [endpoint, { reason, cause }] of this.failures) this.deps.onBlame(endpoint, reason, cause);
    if (this.first !== undefined && this.first === this.attempt)
      this.deps.onBlame(
        this.first.endpoint,
        'no answer while another server ran the same program',
        'timeout',
      );
    this.end({ kind: 'answer', answer, tries: this.attempts });
  }

  private failed(endpoint: Endpoint, failure: Failure): void {
    const { reason, cause, claim, unreached = false } = failure;
    if (cause === 'exhausted') {
      this.tryLater();
      return;
    }
    this.reason = `${reason} (${endpoint.info.url})`;
    if (cause === 'unverified') this.withheld = this.reason;
    if (!unreached && cause !== 'load') this.attemptsThatReached += 1;
    if (!unreached && !this.request.retryable) {
      this.fail(this.reason);
      return;
    }
    if (!unreached && SILENCED.has(cause)) this.silent.set(endpoint, cause === 'ejected');
    if (this.silenced >= MAX_SILENCED) {
      this.fail(`${this.silenced} endpoints fell silent while they had this request: ${this.reason}`);
      return;
    }
    if (cause !== 'ejected' && cause !== 'unverified') this.failures.push([endpoint, failure]);
    if (this.attempt !== undefined) {
      // Another attempt is under way.
      this.tried = new Map(this.tried).set(endpoint, endpoint.successes);
      return;
    }
    if (claim === undefined || failure.answer === undefined) this.retry(endpoint, endpoint.successes, cause);
    else this.claimed(endpoint, claim, failure.answer, cause);
  }

  /** The request itself may be at fault: its servers must be healthy, and another one must say the same. */
  private claimed(endpoint: Endpoint, words: string, answer: UpstreamResponse, cause: Cause): void {
    const claim = this.claims.add(endpoint, words);
    const successes = endpoint.successes;
    const state = () => this.claims.stateOf(claim, this.deps.inRotation() <= 1);
    this.hold(endpoint, 0, (health) => {
      claim.healthy = health.ok;
      if (state() === 'agreed') this.agreed(answer);
      else if (state() === 'open' && this.isIdle) this.retry(endpoint, successes, cause);
    });
    if (state() === 'open') this.retry(endpoint, successes, cause);
  }

  private agreed(answer: UpstreamResponse): void {
    if (answer.status === 200) this.end({ kind: 'answer', answer, tries: this.attempts });
    else this.fail(`two healthy servers answered the same: ${this.reason}`);
  }

  private get silenced(): number {
    return [...this.silent].filter(([{ health }, ejected]) => ejected || health.state === 'out').length;
  }

  private get isIdle(): boolean {
    return this.attempt === undefined && !this.queued && this.pause === undefined && this.held === 0;
  }

  /** The endpoint gets the request again only once it had more than so many successes. */
  private retry(endpoint: Endpoint, successes: number, cause: Cause): void {
    // If no endpoint is healthy, further tries wait until one is.
    if (this.attemptsThatReached >= this.deps.tries && this.deps.inRotation() > 0) {
      this.fail(this.withheld ?? `${this.attempts} attempts failed: ${this.reason}`);
      return;
    }
    this.tried = new Map(this.tried).set(endpoint, successes);
    this.isRetry = true;
    this.deps.onRetry(cause);
    this.next();
  }

  private tryLater(): void {
    const pause: Deadline = {
      at: this.deps.now() + EXHAUSTED_PAUSE_MS,
      expire: () => {
        this.pause = undefined;
        this.next();
      },
    };
    this.pause = pause;
    this.deps.deadlines.add(pause);
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
    this.queued = true;
    balancer.enqueue(this);
  }

  private send(endpoint: Endpoint): void {
    this.attempts += 1;
    this.endpoint = endpoint;
    this.attempt = new Attempt(this.deps, this, endpoint);
    this.hedge?.stop();
    if (this.request.isRun && !this.hedged) this.hedge = this.hedgeFor(endpoint);
    this.attempt.start();
  }

  private hedgeFor(endpoint: Endpoint): Hedge {
    const { deadlines, now, expectedMs } = this.deps;
    const { longestMs, answerBy } = this.request;
    return new Hedge({
      ...{ deadlines, now, expectedMs, longestMs, answerBy },
      lastAnswerAt: () => endpoint.lastAnswerAt,
      start: () => this.startSecond(),
    });
  }

  private timeoutReason(): string {
    if (this.attempt !== undefined) return `still running (${this.attempt.endpoint.info.url})`;
    return this.attempts === 0 ? 'no free slot on any endpoint' : this.reason;
  }

  private fail(reason: string): void {
    if (this.fallback !== undefined) {
      this.end({ kind: 'answer', answer: this.fallback, tries: this.attempts });
      return;
    }
    this.end({ kind: 'infra', reason, tries: this.attempts });
  }

  private end(outcome: Outcome | undefined): void {
    const { onEnd, deps } = this;
    if (onEnd === undefined) return;
    this.onEnd = undefined;
    deps.deadlines.delete(this);
    if (this.pause !== undefined) deps.deadlines.delete(this.pause);
    this.hedge?.stop();
    for (const attempt of [this.attempt, this.earlier]) attempt?.leave();
    if (this.queued && deps.balancer.dequeue(this)) this.waited += deps.now() - this.queuedSince;
    if (outcome !== undefined) onEnd(outcome);
  }
}
