import { randomBytes } from 'node:crypto';
import { type CanaryResult, canaryRequest, healthRequest, judgeCanary } from '../../api/canary.js';
import { CanarySchedule } from '../../api/canary-schedule.js';
import { challenge, judgeIdentity, SERVER_IDENTITY } from '../../api/identity.js';
import type { Clock } from '../clock.js';
import type { Deadlines } from '../deadlines.js';
import type { Endpoint } from '../endpoint.js';
import { causeOf, verdictOf } from '../judge.js';
import type { Cause } from '../types.js';
import type { Exchange, Result, UpstreamRequest } from '../upstream/pool.js';

export interface HealthCheckOptions {
  deadlines: Deadlines;
  now(): number;
  after: Clock['after'];
  /** Milliseconds between two checks of an endpoint in rotation, with up to 20 % of jitter. */
  everyMs: number;
  timeoutMs: number;
  headers: string;
  onResult(endpoint: Endpoint, result: CanaryResult, cause: Cause): void;
}

const UNHEALTHY_INTERVAL_MS = 500;
/** A result that waits for a check makes it begin at once, and then needs no second one. */
const AFTER_FAILURE_MS = 20;

/** Bytes of the answer to a health check: one line of output, in a few fields. */
const MAX_BODY_BYTES = 2 ** 20;

interface Verification {
  notBefore: number;
  done(result: CanaryResult): void;
}

interface Scheduled {
  schedule: CanarySchedule<Verification>;
  /** Whether it is listed: only then it is checked at its own pace. */
  listed: boolean;
  cancelTimer(): void;
}

/** Checks every endpoint at its own pace, whatever its traffic shows, and for results that wait for it. */
export class HealthChecker {
  private readonly scheduled = new Map<Endpoint, Scheduled>();
  private readonly options: HealthCheckOptions;

  constructor(options: HealthCheckOptions) {
    this.options = options;
  }

  add(endpoint: Endpoint): void {
    const each = this.of(endpoint);
    each.listed = true;
    each.schedule.pace(this.options.now());
    this.arm(endpoint, each);
  }

  remove(endpoint: Endpoint): void {
    const each = this.of(endpoint);
    each.listed = false;
    each.schedule.pace(Number.POSITIVE_INFINITY);
    this.arm(endpoint, each);
  }

  checkSoon(endpoint: Endpoint): void {
    const each = this.of(endpoint);
    if (!each.listed) return;
    each.schedule.pace(this.options.now() + AFTER_FAILURE_MS);
    this.arm(endpoint, each);
  }

  /** `done` gets the result of a check that begins `afterMs` milliseconds from now, or later. */
  verify(endpoint: Endpoint, afterMs: number, done: (result: CanaryResult) => void): void {
    const each = this.of(endpoint);
    each.schedule.add({ notBefore: this.options.now() + afterMs, done });
    this.arm(endpoint, each);
  }

  stop(): void {
    for (const endpoint of this.scheduled.keys()) this.remove(endpoint);
    for (const each of this.scheduled.values()) each.cancelTimer();
  }

  private of(endpoint: Endpoint): Scheduled {
    const known = this.scheduled.get(endpoint);
    if (known !== undefined) return known;
    const added = {
      schedule: new CanarySchedule<Verification>(),
      listed: false,
      cancelTimer: () => undefined,
    };
    this.scheduled.set(endpoint, added);
    return added;
  }

  private arm(endpoint: Endpoint, each: Scheduled): void {
    each.cancelTimer();
    if (!each.listed && each.schedule.isEmpty) this.scheduled.delete(endpoint);
    const ms = each.schedule.dueAt - this.options.now();
    if (ms === Number.POSITIVE_INFINITY) return;
    if (ms <= 0) this.send(endpoint, each);
    // Timers may fire a little early by this clock, and are then set again.
    else each.cancelTimer = this.options.after(Math.ceil(ms), () => this.arm(endpoint, each));
  }

  private send(endpoint: Endpoint, each: Scheduled): void {
    const { headers, timeoutMs, deadlines, now } = this.options;
    const startedAt = now();
    const due = each.schedule.begin(startedAt);
    const random = randomBytes(8).toString('hex');
    const { nonce, secret = null, url } = endpoint.info;
    const asked = secret === null ? undefined : challenge(SERVER_IDENTITY, secret, url);
    const program = asked === undefined ? canaryRequest(random) : healthRequest(random);
    const body = Buffer.from(JSON.stringify(program));
    let exchange: Exchange | undefined;
    const deadline = {
      at: startedAt + timeoutMs,
      expire: () => exchange?.abort(`the health check got no answer within ${timeoutMs / 1000} s`, 'timeout'),
    };
    deadlines.add(deadline);
    // A fresh connection: a reused one says nothing about the listener.
    const send = (request: UpstreamRequest, onResult: (result: Result) => void) => {
      exchange = endpoint.pool.send(request, onResult, true);
    };
    const end = (health: CanaryResult, cause: Cause) => {
      deadlines.delete(deadline);
      each.schedule.end();
      endpoint.pace.add(now() - startedAt);
      this.ended(endpoint, each, health, cause, startedAt, due);
    };
    const run = () =>
      send({ method: 'POST', target: '/run_code', headers, body, maxBodyBytes: MAX_BODY_BYTES }, (result) => {
        const verdict = verdictOf(result);
        end(judgeCanary(random, asked === undefined ? nonce : null, verdict), causeOf(result, verdict));
      });
    if (asked === undefined) {
      run();
      return;
    }
    send(
      { method: 'GET', target: asked.target, headers, body: Buffer.alloc(0), maxBodyBytes: MAX_BODY_BYTES },
      (result) => {
        const identified =
          'error' in result
            ? { ok: false as const, reason: result.error }
            : judgeIdentity(asked, result.status, result.body.toString('latin1'));
        if (identified.ok) run();
        else end(identified, 'error' in result ? result.cause : 'status');
      },
    );
  }

  private ended(
    endpoint: Endpoint,
    each: Scheduled,
    result: CanaryResult,
    cause: Cause,
    startedAt: number,
    due: readonly Verification[],
  ): void {
    const busy = !result.ok && showsNothing(endpoint, cause, startedAt);
    if (each.listed && !busy) this.options.onResult(endpoint, result, cause);
    // A late check does not decide about results as long as its server stays in rotation.
    const again = busy || (cause === 'timeout' && endpoint.health.state === 'in');
    for (const verification of due) {
      if (again && each.listed) each.schedule.add(verification);
      else verification.done(result);
    }
    if (each.listed) each.schedule.pace(this.options.now() + this.intervalMs(endpoint));
    this.arm(endpoint, each);
  }

  private intervalMs({ health }: Endpoint): number {
    const healthy = health.state === 'in' && health.failures === 0;
    return (healthy ? this.options.everyMs : UNHEALTHY_INTERVAL_MS) * (0.8 + 0.4 * Math.random());
  }
}

/** It got no room, at the server or here: load, as long as the server completes runs. */
function showsNothing(endpoint: Endpoint, cause: Cause, startedAt: number): boolean {
  if (cause === 'exhausted') return true;
  return (cause === 'timeout' || cause === 'load') && endpoint.lastSuccessAt >= startedAt;
}
