import { isFailure } from '../../api/track-record.js';
import type { Doubt } from '../../api/verdict.js';
import { type Endpoint, isCrowded } from '../endpoint.js';
import type { AttemptResult } from '../judge.js';
import type { UpstreamResponse } from '../upstream/response-reader.js';
import type { FailureLog } from './failure-log.js';
import type { HealthGate } from './health-gate.js';
import type { Failure, ForwarderDeps, ProxyRequest } from './types.js';
import { type Needs, NOTHING, needsOf } from './verification.js';

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
    const { verifyMode } = this.options.deps;
    const needs = this.withSecondOpinion(
      needsOf(doubt, end === 'program' ? verifyMode : 'none', endpoint),
      endpoint,
      doubt,
    );
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

  /** A failure that stands out from those of the other servers is confirmed by one of them, if there is time. */
  private withSecondOpinion(needs: Needs, endpoint: Endpoint, doubt: Doubt | null): Needs {
    if (needs.confirm !== null || doubt === null || needs === NOTHING || !isFailure(needs)) return needs;
    const { deps, request } = this.options;
    const others = deps.inRotation() - (endpoint.healthy && !endpoint.health.suspect ? 1 : 0);
    const wanted = this.unconfirmed === null && others > 0 && deps.standsOut(endpoint);
    const secondMs = doubt.timedOut === undefined ? deps.expectedMs() : request.longestMs;
    return wanted && deps.now() + secondMs < request.answerBy ? { ...needs, confirm: 'failed' } : needs;
  }

  private verified(endpoint: Endpoint, answer: UpstreamResponse, needs: Needs): void {
    const { confirm, reason } = needs;
    const isSame =
      (confirm !== null && confirm === this.unconfirmed) ||
      (this.unconfirmed === 'failed' && isFailure(needs));
    if (isSame) this.options.failures.confirmed();
    if (isSame || confirm === null || (confirm === 'too slow' && !this.mayBeFaster(endpoint))) {
      this.options.onBelieved(answer);
      return;
    }
    this.unconfirmed = confirm;
    // Load is not ill health, and if no other server has the time, the answer stands.
    const stands = confirm === 'too slow' || confirm === 'failed';
    if (stands) this.fallback = answer;
    if (confirm !== 'too slow') this.options.failures.addUnconfirmed(endpoint, reason);
    this.withheld = `unverified: ${reason}, and no second run confirmed it in time (${endpoint.info.url})`;
    this.options.onUnconfirmed(endpoint, stands ? Number.POSITIVE_INFINITY : AGAIN);
  }

  /** Whether a program that timed out may end in time on another server. */
  private mayBeFaster(endpoint: Endpoint): boolean {
    const { deps, request } = this.options;
    return isCrowded(endpoint) && deps.inRotation() > 1 && deps.now() + deps.expectedMs() < request.answerBy;
  }
}
