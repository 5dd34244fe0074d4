import type { Endpoint } from '../endpoint.js';
import type { Cause } from '../types.js';
import type { Failure } from './types.js';

/** Causes of failures after which a server may answer nobody. */
const SILENCED: ReadonlySet<Cause> = new Set(['ejected', 'reset', 'timeout']);

/** What has failed for one request, and who is to blame once another endpoint has run it. */
export class FailureLog {
  reason = 'no endpoint is in reach';
  /** Of the latest failure; null for none. */
  cause: Cause | null = null;
  attemptsThatReached = 0;
  refusals = 0;
  private blamed: [Endpoint, Failure][] = [];
  /** Endpoints that failed without an answer while they had this request, and whether they left rotation for it. */
  private readonly silent = new Map<Endpoint, boolean>();

  add(endpoint: Endpoint, failure: Failure): void {
    const { reason, cause, unreached = false } = failure;
    this.reason = `${reason} (${endpoint.info.url})`;
    this.cause = cause;
    if (cause === 'load') this.refusals += 1;
    else if (!unreached) this.attemptsThatReached += 1;
    if (!unreached && SILENCED.has(cause)) this.silent.set(endpoint, cause === 'ejected');
    if (cause !== 'ejected' && cause !== 'unverified') this.blamed.push([endpoint, failure]);
  }

  /** Another endpoint must say the same, or this one was wrong. */
  addUnconfirmed(endpoint: Endpoint, reason: string): void {
    const failure = {
      reason: `${reason}, and another server did not confirm it`,
      cause: 'unverified',
    } as const;
    this.blamed.push([endpoint, failure]);
  }

  confirmed(): void {
    for (const [endpoint, { cause }] of this.blamed) if (cause === 'unverified') endpoint.record.confirmed();
    this.blamed = this.blamed.filter(([, { cause }]) => cause !== 'unverified');
  }

  /** Endpoints that fell silent while they had this request. */
  get silenced(): number {
    return [...this.silent].filter(([{ health }, ejected]) => ejected || health.state === 'out').length;
  }

  /** The request has been run, so whoever failed on it did so by itself. */
  blame(onBlame: (endpoint: Endpoint, reason: string, cause: Cause) => void): void {
    for (const [endpoint, { reason, cause }] of this.blamed) onBlame(endpoint, reason, cause);
  }
}
