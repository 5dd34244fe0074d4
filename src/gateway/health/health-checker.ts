import { randomBytes } from 'node:crypto';
import { type CanaryResult, canaryRequest, judgeCanary } from '../../api/canary.js';
import { after } from '../../node.js';
import type { Deadlines } from '../deadlines.js';
import type { Endpoint } from '../endpoint.js';
import { verdictOf } from '../judge.js';
import type { Cause } from '../types.js';
import type { Exchange } from '../upstream/pool.js';

export interface HealthCheckOptions {
  deadlines: Deadlines;
  now(): number;
  /** Milliseconds between two checks of an endpoint in rotation, with up to 20 % of jitter. */
  everyMs: number;
  timeoutMs: number;
  /** Header lines of every check. */
  headers: string;
  onResult(endpoint: Endpoint, result: CanaryResult, cause: Cause): void;
}

const UNHEALTHY_INTERVAL_MS = 500;
const AFTER_FAILURE_MS = 20;

interface Verification {
  /** Only a check that begins at this time or later counts. Milliseconds. */
  notBefore: number;
  done(result: CanaryResult): void;
}

/** Checks every endpoint, each on its own schedule. */
export class HealthChecker {
  private readonly scheduled = new Map<Endpoint, () => void>();
  private readonly running = new Set<Endpoint>();
  private readonly verifications = new Map<Endpoint, Verification[]>();
  private readonly options: HealthCheckOptions;

  constructor(options: HealthCheckOptions) {
    this.options = options;
  }

  add(endpoint: Endpoint): void {
    this.schedule(endpoint, 0);
  }

  remove(endpoint: Endpoint): void {
    this.scheduled.get(endpoint)?.();
    this.scheduled.delete(endpoint);
  }

  /** A run failed there: a check shows whether it was the server. */
  checkSoon(endpoint: Endpoint): void {
    if (this.scheduled.has(endpoint) && !this.running.has(endpoint)) {
      this.schedule(endpoint, AFTER_FAILURE_MS);
    }
  }

  /** Checks `afterMs` milliseconds from now; one check serves all verifications that are due by then. */
  verify(endpoint: Endpoint, afterMs: number, done: (result: CanaryResult) => void): void {
    this.addVerification(endpoint, { notBefore: this.options.now() + afterMs, done });
    this.sendDue(endpoint);
  }

  stop(): void {
    for (const endpoint of this.scheduled.keys()) this.remove(endpoint);
  }

  private addVerification(endpoint: Endpoint, verification: Verification): void {
    this.verifications.set(endpoint, [...(this.verifications.get(endpoint) ?? []), verification]);
  }

  private schedule(endpoint: Endpoint, ms: number): void {
    this.scheduled.get(endpoint)?.();
    const cancel = after(ms, () => this.checkUnlessProven(endpoint));
    this.scheduled.set(endpoint, cancel);
  }

  private checkUnlessProven(endpoint: Endpoint): void {
    const { now, everyMs } = this.options;
    const { state, failures } = endpoint.health;
    // A recent run that worked proves as much as a check, and costs nothing.
    if (state === 'in' && failures === 0 && now() - endpoint.lastSuccessAt < everyMs) {
      this.schedule(endpoint, this.intervalMs(endpoint));
      return;
    }
    if (!this.running.has(endpoint)) this.send(endpoint);
  }

  private sendDue(endpoint: Endpoint): void {
    const times = (this.verifications.get(endpoint) ?? []).map(({ notBefore }) => notBefore);
    const ms = Math.min(...times) - this.options.now();
    if (ms === Number.POSITIVE_INFINITY || this.running.has(endpoint)) return;
    // Timers may fire a little early by this clock, and are then set again.
    if (ms > 0) setTimeout(() => this.sendDue(endpoint), Math.ceil(ms)).unref();
    else this.send(endpoint);
  }

  private send(endpoint: Endpoint): void {
    const { headers, timeoutMs, deadlines, now } = this.options;
    this.running.add(endpoint);
    const due = this.takeDue(endpoint);
    const random = randomBytes(8).toString('hex');
    const body = Buffer.from(JSON.stringify(canaryRequest(random)));
    let exchange: Exchange | undefined;
    const deadline = {
      at: now() + timeoutMs,
      expire: () => exchange?.abort(`the health check got no answer within ${timeoutMs / 1000} s`, 'timeout'),
    };
    deadlines.add(deadline);
    exchange = endpoint.pool.send(
      { method: 'POST', target: '/run_code', headers, body },
      (result) => {
        deadlines.delete(deadline);
        this.running.delete(endpoint);
        const health = judgeCanary(random, endpoint.info.nonce, verdictOf(result));
        this.ended(endpoint, health, 'error' in result ? result.cause : 'sandbox_error', due);
      },
      // A fresh connection: a reused one says nothing about the listener.
      true,
    );
  }

  private ended(endpoint: Endpoint, health: CanaryResult, cause: Cause, due: Verification[]): void {
    if (this.scheduled.has(endpoint)) {
      this.options.onResult(endpoint, health, cause);
      this.schedule(endpoint, this.intervalMs(endpoint));
    }
    // A busy server may be late once: the next check decides as long as it is in rotation.
    const checkAgain = cause === 'timeout' && this.scheduled.has(endpoint) && endpoint.health.state === 'in';
    for (const verification of due) {
      if (checkAgain) this.addVerification(endpoint, verification);
      else verification.done(health);
    }
    this.sendDue(endpoint);
  }

  private takeDue(endpoint: Endpoint): Verification[] {
    const now = this.options.now();
    const all = this.verifications.get(endpoint) ?? [];
    const later = all.filter(({ notBefore }) => notBefore > now);
    if (later.length === 0) this.verifications.delete(endpoint);
    else this.verifications.set(endpoint, later);
    return all.filter(({ notBefore }) => notBefore <= now);
  }

  private intervalMs({ health }: Endpoint): number {
    const healthy = health.state === 'in' && health.failures === 0;
    return (healthy ? this.options.everyMs : UNHEALTHY_INTERVAL_MS) * (0.8 + 0.4 * Math.random());
  }
}
