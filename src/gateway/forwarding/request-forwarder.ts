import { Claims } from '../../api/claims.js';
import type { Deadline } from '../deadlines.js';
import type { Endpoint } from '../endpoint.js';
import type { AttemptResult } from '../judge.js';
import type { Cause, FailureCause, Outcome } from '../types.js';
import type { Result } from '../upstream/pool.js';
import type { UpstreamResponse } from '../upstream/response-reader.js';
import { AnswerVerifier } from './answer-verifier.js';
import type { Attempt, AttemptListener } from './attempt.js';
import { Attempts } from './attempts.js';
import { FailureLog } from './failure-log.js';
import { HealthGate } from './health-gate.js';
import { QueuePlace } from './queue-place.js';
import type { Failure, ForwarderDeps, ProxyRequest } from './types.js';

/** A request that so many servers had when they left rotation may be why they did: no other gets it. */
const MAX_SILENCED = 2;
/** Milliseconds before a server that had no room is asked again; doubles each time, up to the second. */
const LOAD_PAUSE_MS = 50;
const MAX_LOAD_PAUSE_MS = 1_000;
/** Milliseconds before a connection is tried again for which this process had no descriptor. */
const EXHAUSTED_PAUSE_MS = 100;

/** Forwards one request: queues it, sends it, verifies its answer or retries it elsewhere, before the client's timeout. */
export class RequestForwarder implements Deadline, AttemptListener {
  readonly at: number;
  readonly attempts: Attempts;
  readonly place: QueuePlace;
  private readonly failures = new FailureLog();
  private readonly claims = new Claims<Endpoint>();
  private readonly gate: HealthGate;
  private readonly verifier: AnswerVerifier;
  private onEnd: ((outcome: Outcome) => void) | undefined;
  private readonly deps: ForwarderDeps;
  private readonly request: ProxyRequest;

  /** `onEnd` is called once, unless the request is cancelled first. */
  constructor(deps: ForwarderDeps, request: ProxyRequest, onEnd: (outcome: Outcome) => void) {
    this.deps = deps;
    this.request = request;
    this.at = request.answerBy;
    this.onEnd = onEnd;
    this.place = new QueuePlace(deps, request.caller, {
      onSlot: (endpoint) => this.attempts.begin(endpoint),
      onQueueFull: (waiting) => this.refuse(`the queue is full (${waiting} requests are waiting)`),
    });
    const takeBeside = (slow: Endpoint) => this.place.takeBeside(slow);
    this.attempts = new Attempts({ deps, request, listener: this, takeBeside });
    this.gate = new HealthGate(deps);
    this.verifier = new AnswerVerifier({
      ...{ deps, request, gate: this.gate, failures: this.failures },
      onBelieved: (answer) => this.succeed(answer),
      onFailed: (endpoint, failure) => this.failed(endpoint, failure),
      onUnconfirmed: (endpoint, successes) => {
        // A second attempt that is under way will do.
        if (this.attempts.isEmpty) this.retry(endpoint, successes, 'unverified');
      },
    });
  }

  /** Why it failed: no server was free in time, or what the latest attempt failed of. */
  get cause(): FailureCause {
    return this.attempts.count === 0 ? 'no_slot' : (this.failures.cause ?? 'timeout');
  }

  start(): void {
    this.deps.deadlines.add(this);
    this.place.take();
  }

  /** The client disconnected. On SandboxFusion a running program goes on: it has no way to stop it. */
  cancel(): void {
    this.end(undefined);
  }

  expire(): void {
    this.fail(this.verifier.withheld ?? `no answer in time: ${this.timeoutReason()}`);
  }

  onAttemptEnd(attempt: Attempt, result: Result, judged: AttemptResult): void {
    this.attempts.end(attempt);
    const { endpoint } = attempt;
    if (judged.end !== 'infra') {
      if (!('error' in result)) this.verifier.add(endpoint, result, judged);
      return;
    }
    const unreached = 'error' in result && result.unreached;
    this.failed(endpoint, { ...judged, unreached, answer: 'error' in result ? undefined : result });
  }

  onAbandoned(attempt: Attempt, reason: string): void {
    this.attempts.end(attempt);
    this.failed(attempt.endpoint, { reason, cause: 'ejected' });
  }

  private failed(endpoint: Endpoint, failure: Failure): void {
    const { cause, claim, answer, unreached = false } = failure;
    if (cause === 'exhausted') {
      this.place.takeAfter(EXHAUSTED_PAUSE_MS);
      return;
    }
    this.failures.add(endpoint, failure);
    const { reason, silenced } = this.failures;
    if (!unreached && !this.request.retryable) this.fail(reason);
    else if (silenced >= MAX_SILENCED)
      this.fail(`${silenced} endpoints fell silent while they had this request: ${reason}`);
    else if (!this.attempts.isEmpty) this.place.avoid(endpoint, endpoint.successes);
    else if (claim === undefined || answer === undefined) this.retry(endpoint, endpoint.successes, cause);
    else this.claimed(endpoint, claim, answer, cause);
  }

  /** The request itself may be at fault: its servers must be healthy, and another one must say the same. */
  private claimed(endpoint: Endpoint, words: string, answer: UpstreamResponse, cause: Cause): void {
    const claim = this.claims.add(endpoint, words);
    const successes = endpoint.successes;
    const state = () => this.claims.stateOf(claim, this.deps.inRotation() <= 1);
    this.gate.hold(endpoint, 0, (health) => {
      claim.healthy = health.ok;
      if (state() === 'agreed') this.agreed(answer);
      else if (state() === 'open' && this.isIdle) this.retry(endpoint, successes, cause);
    });
    if (state() === 'open') this.retry(endpoint, successes, cause);
  }

  private agreed(answer: UpstreamResponse): void {
    if (answer.status < 500) this.end({ kind: 'answer', answer, tries: this.attempts.count });
    else this.fail(`two healthy servers answered the same: ${this.failures.reason}`);
  }

  private get isIdle(): boolean {
    return this.attempts.isEmpty && !this.place.isWaiting && this.gate.isEmpty;
  }

  /** The endpoint gets the request again only once it had more than so many successes. */
  private retry(endpoint: Endpoint, successes: number, cause: Cause): void {
    const { attemptsThatReached, reason } = this.failures;
    // If no endpoint is healthy, further tries wait until one is.
    if (attemptsThatReached >= this.deps.tries && this.deps.inRotation() > 0) {
      this.fail(this.verifier.withheld ?? `${this.attempts.count} attempts failed: ${reason}`);
      return;
    }
    this.place.avoid(endpoint, successes);
    this.place.isRetry = true;
    this.deps.onRetry(cause);
    const { refusals } = this.failures;
    const rounds = Math.floor(refusals / Math.max(1, this.deps.inRotation()));
    if (cause !== 'load' || rounds === 0) this.place.take();
    else this.place.takeAfter(Math.min(LOAD_PAUSE_MS * 2 ** (rounds - 1), MAX_LOAD_PAUSE_MS));
  }

  /** The answer is known to be the program's, so other servers' failures were their own. */
  private succeed(answer: UpstreamResponse): void {
    const { onBlame } = this.deps;
    this.failures.blame(onBlame);
    const { overtaken } = this.attempts;
    if (overtaken !== undefined)
      onBlame(overtaken, 'no answer while another server ran the same program', 'timeout');
    this.end({ kind: 'answer', answer, tries: this.attempts.count });
  }

  private timeoutReason(): string {
    const [running] = this.attempts.endpoints;
    if (running !== undefined) return `still running (${running.info.url})`;
    return this.attempts.count === 0 ? 'no free slot on any endpoint' : this.failures.reason;
  }

  private refuse(reason: string): void {
    this.end({ kind: 'refused', reason, tries: 0 });
  }

  private fail(reason: string): void {
    const tries = this.attempts.count;
    const { fallback } = this.verifier;
    if (fallback !== undefined) this.end({ kind: 'answer', answer: fallback, tries });
    else this.end({ kind: 'infra', reason, tries });
  }

  private end(outcome: Outcome | undefined): void {
    const { onEnd } = this;
    if (onEnd === undefined) return;
    this.onEnd = undefined;
    this.deps.deadlines.delete(this);
    this.gate.close();
    this.attempts.leave();
    this.place.leave();
    if (outcome !== undefined) onEnd(outcome);
  }
}
