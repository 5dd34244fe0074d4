import type { CanaryResult } from '../../api/canary.js';
import type { Balancer } from '../balance/balancer.js';
import type { Deadlines } from '../deadlines.js';
import type { Endpoint } from '../endpoint.js';
import type { AttemptResult, RunLimits } from '../judge.js';
import type { Cause } from '../types.js';
import type { UpstreamRequest } from '../upstream/pool.js';
import type { UpstreamResponse } from '../upstream/response-reader.js';
import type { VerifyMode } from './verification.js';

export interface ProxyRequest {
  /** The client's address; clients take turns in the queue. */
  caller: string;
  upstreamRequest: UpstreamRequest;
  /** Whether it is a `/run_code`, whose response is judged. */
  isRun: boolean;
  /** A `/submit` with tests of its own. It is a run, of several programs. */
  isSubmission: boolean;
  /** Of a run; null if the request is malformed. */
  limits: RunLimits | null;
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
  inRotation(): number;
  /** Whether a failure that an endpoint has just told stands out from those of the others. */
  standsOut(endpoint: Endpoint): boolean;
  onRetry(cause: Cause): void;
  /** Milliseconds that runs take lately. */
  expectedMs(): number;
}

export interface Failure {
  reason: string;
  cause: Cause;
  claim?: string | undefined;
  /** The request surely did not reach the server. */
  unreached?: boolean;
  answer?: UpstreamResponse | undefined;
}
