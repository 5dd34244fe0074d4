import { type Endpoint, isCrowded } from '../endpoint.js';
import type { AttemptResult } from '../judge.js';
import type { UpstreamResponse } from '../upstream/response-reader.js';
import type { FailureLog } from './failure-log.js';
import type { HealthGate } from './health-gate.js';
import type { Failure, ForwarderDeps, ProxyRequest } from './types.js';
import { type Needs, needsOf } from './verification.js';

export interface VerifierOptions {
  deps: ForwarderDeps;
  request: ProxyRequest;
  gate: HealthGate;
  failures: FailureLog;
  /** The answer is known to be the program's. */
  onBelieved(answer: UpstreamResponse): void;
  onFailed(endpoint: Endpoint, failure: Failure): void;
  /** A second run must confirm the answer. The same endpoint may do it after more than so many successes. */
  onUnconfirmed(endpoint: Endpoint, successes: number): void;
}

/** Below any number of successes: the endpoint may get the request again as soon as there is no other. */
const AGAIN = -1;

/** Judges what servers answer to one request: some answers wait for a health check, some for a second run. */
export class AnswerVerifier {
  /** Why there is an answer that is not passed on. */
  withheld: string | undefined;
  /** It stands if nobody has the time for a second run. */
  fallback: UpstreamResponse | undefined;
  private unconfirmed: Needs['confirm'] = null;

  private readonly options: VerifierOptions;

  constructor(options: VerifierOptions) {
    this.options = options;
  }

  add(
    endpoint: Endpoint,
    answer: UpstreamResponse,
    { end, doubt }: Exclude<AttemptResult, { end: 'infra' }>,
  ): void {
    const needs = needsOf(doubt, end === 'program' ? this.options.deps.verifyMode : 'none', endpoint);
    if (needs.afterMs === null) {
      this.verified(endpoint, answer, needs);
      return;
    }
    this.withheld = `unverified: ${needs.reason}, and no health check passed in time (${endpoint.info.url})`;
    this.options.gate.hold(endpoint, needs.afterMs, (health) => {
      if (health.ok) this.verified(endpoint, answer, needs);
      else this.unhealthy(endpoint, `unverified: ${needs.reason}, then ${health.reason}`);
    });
  }

  private unhealthy(endpoint: Endpoint, reason: string): void {
    this.withheld = `${reason} (${endpoint.info.url})`;
    this.options.onFailed(endpoint, { reason, cause: 'unverified' });
  }

  private verified(endpoint: Endpoint, answer: UpstreamResponse, { confirm, reason }: Needs): void {
    const isSame = confirm !== null && confirm === this.unconfirmed;
    if (isSame) this.options.failures.confirmed();
    if (isSame || confirm === null || (confirm === 'too slow' && !this.mayBeFaster(endpoint))) {
      this.options.onBelieved(answer);
      return;
    }
    this.unconfirmed = confirm;
    // Load is not ill health, and if no other server has the time, the answer stands.
    if (confirm === 'too slow') this.fallback = answer;
    else this.options.failures.addUnconfirmed(endpoint, reason);
    this.withheld = `unverified: ${reason}, and no second run confirmed it in time (${endpoint.info.url})`;
    this.options.onUnconfirmed(endpoint, confirm === 'too slow' ? Number.POSITIVE_INFINITY : AGAIN);
  }

  /** Whether a program that timed out may end in time on another server. */
  private mayBeFaster(endpoint: Endpoint): boolean {
    const { deps, request } = this.options;
    return isCrowded(endpoint) && deps.inRotation() > 1 && deps.now() + deps.expectedMs() < request.answerBy;
  }
}
