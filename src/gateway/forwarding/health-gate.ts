import type { CanaryResult } from '../../api/canary.js';
import type { Endpoint } from '../endpoint.js';
import type { ForwarderDeps } from './types.js';

/** Holds answers of one request until their servers have been checked. They take no slot meanwhile. */
export class HealthGate {
  private held = 0;
  private closed = false;
  private readonly verify: ForwarderDeps['verify'];

  constructor({ verify }: Pick<ForwarderDeps, 'verify'>) {
    this.verify = verify;
  }

  get isEmpty(): boolean {
    return this.held === 0;
  }

  /** `done` gets the result of a health check that begins `afterMs` milliseconds from now, or later. */
  hold(endpoint: Endpoint, afterMs: number, done: (health: CanaryResult) => void): void {
    this.held += 1;
    endpoint.pendingVerifications += 1;
    this.verify(endpoint, afterMs, (health) => {
      endpoint.pendingVerifications -= 1;
      this.held -= 1;
      if (!this.closed) done(health);
    });
  }

  /** Nobody waits for the answers any more. */
  close(): void {
    this.closed = true;
  }
}
