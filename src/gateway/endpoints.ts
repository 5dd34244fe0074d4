import type { CanaryResult } from '../api/canary.js';
import type { Balancer } from './balance/balancer.js';
import { Endpoint, keyOf } from './endpoint.js';
import { askCapacity } from './health/capacity.js';
import { FleetGuard } from './health/fleet-guard.js';
import type { Evidence } from './health/health.js';
import { HealthChecker, type HealthCheckOptions } from './health/health-checker.js';
import type { AttemptResult } from './judge.js';
import type { Cause, GatewayEndpoint } from './types.js';
import type { PoolOptions } from './upstream/pool.js';

export type EndpointChange = 'added' | 'removed' | 'in' | 'out';

export interface EndpointsOptions extends Omit<HealthCheckOptions, 'onResult'> {
  balancer: Balancer<Endpoint>;
  pool: PoolOptions;
  /** Limit of an endpoint that names none. */
  defaultLimit: number;
  /** Our part of an endpoint's limit. */
  slots(url: string, limit: number): number;
  onChange(endpoint: Endpoint, change: EndpointChange): void;
  onWarning(line: string): void;
  onRotation(): void;
  onExhausted(): void;
}

/** The whole server is silent: no other request there will be answered either. */
const SILENT_CAUSES: readonly Cause[] = ['refused', 'unreachable', 'reset', 'timeout'];
/** Nobody listens there. Whatever else fails may be the request's doing, until another server has run it. */
const BLAMED_AT_ONCE: readonly Cause[] = ['refused', 'unreachable'];
/** A health check that fails otherwise was answered wrongly, or by nobody: once is enough. */
const INDECISIVE_CAUSES: readonly Cause[] = ['timeout', 'unreachable', 'load'];

/** Failures in a row that other endpoints did not confirm, after which it leaves rotation whatever it answers to checks. */
const MAX_CONTRADICTIONS = 3;

const WARN_EVERY_MS = 60_000;

/** The endpoints of the gateway: follows the list, counts results, moves endpoints in and out of rotation. */
export class Endpoints {
  private readonly listed = new Map<string, Endpoint>();
  private readonly draining = new Set<Endpoint>();
  private readonly checker: HealthChecker;
  private readonly guard = new FleetGuard<Endpoint>();
  /** Milliseconds that runs take lately, over all endpoints. */
  expectedMs = 0;
  private warnedAt = Number.NEGATIVE_INFINITY;
  private readonly options: EndpointsOptions;

  constructor(options: EndpointsOptions) {
    this.options = options;
    this.checker = new HealthChecker({
      ...options,
      onResult: (...result) => this.recordHealthCheck(...result),
    });
  }

  get all(): readonly Endpoint[] {
    return [...this.listed.values(), ...this.draining];
  }

  /** Without those that only stay because too many would leave. */
  get inRotation(): number {
    let count = 0;
    for (const { healthy, health } of this.listed.values()) if (healthy && !health.suspect) count += 1;
    return count;
  }

  set(infos: readonly GatewayEndpoint[]): void {
    const wanted = new Map(infos.map((info) => [keyOf(info), info]));
    for (const [key, info] of wanted) {
      const known = this.listed.get(key);
      const totalLimit = known?.slots ?? info.limit ?? this.options.defaultLimit;
      if (known === undefined) this.add(key, info, totalLimit);
      else known.totalLimit = totalLimit;
    }
    for (const [key, endpoint] of this.listed) if (!wanted.has(key)) this.remove(key, endpoint);
    this.updateLimits();
  }

  updateLimits(): void {
    const { balancer, slots } = this.options;
    for (const endpoint of this.listed.values()) {
      const limit = slots(endpoint.info.url, endpoint.totalLimit);
      if (limit !== endpoint.limit) balancer.update(endpoint, { limit });
    }
  }

  recordResult(endpoint: Endpoint, result: AttemptResult, ms: number): void {
    const now = this.options.now();
    endpoint.stats.tries[result.end].add(ms / 1000);
    endpoint.latencies.add(now, ms);
    if (result.end !== 'infra') {
      endpoint.lastAnswerAt = now;
      if (result.doubt === null) {
        // An average that follows the latest dozen.
        this.expectedMs += (ms - this.expectedMs) / 12;
        this.recordSuccess(endpoint, now, 'run');
      } else this.coolDown(endpoint, ms);
      if (result.end === 'program') endpoint.record.add(result.doubt);
      return;
    }
    endpoint.stats.countFailure(result.cause);
    if (result.cause === 'exhausted') this.options.onExhausted();
    if (result.cause === 'exhausted' || result.cause === 'load') return;
    this.coolDown(endpoint, ms);
    if (BLAMED_AT_ONCE.includes(result.cause)) this.recordFailure(endpoint, result.reason, result.cause);
    this.checker.checkSoon(endpoint);
  }

  /** A run that failed after `ms` milliseconds counts as one under way until a successful one would have ended. */
  private coolDown(endpoint: Endpoint, ms: number): void {
    const { balancer, deadlines, now } = this.options;
    const left = this.expectedMs - ms;
    if (left <= 0) return;
    balancer.update(endpoint, { cooling: endpoint.cooling + 1 });
    const expire = () => balancer.update(endpoint, { cooling: endpoint.cooling - 1 });
    deadlines.add({ at: now() + left, expire });
  }

  /** Another server has run what this one failed on, so it was not the request. */
  blame(endpoint: Endpoint, reason: string, cause: Cause): void {
    if (cause === 'exhausted' || cause === 'load' || BLAMED_AT_ONCE.includes(cause)) return;
    // A health check that passes in between does not unsay it.
    endpoint.record.contradicted();
    this.recordFailure(endpoint, reason, cause, endpoint.record.contradictions >= MAX_CONTRADICTIONS);
    this.checker.checkSoon(endpoint);
  }

  /** Whether a failure that it has just told stands out from those of the others. */
  standsOut(endpoint: Endpoint): boolean {
    const peers = { programs: 0, failures: 0 };
    for (const other of this.listed.values()) {
      if (other === endpoint || !other.healthy) continue;
      peers.programs += other.record.programs;
      peers.failures += other.record.failures;
    }
    return endpoint.record.standsOut(peers);
  }

  /** Checks the health of an endpoint, also of one that drains, `afterMs` milliseconds from now. */
  verify(endpoint: Endpoint, afterMs: number, done: (result: CanaryResult) => void): void {
    this.checker.verify(endpoint, afterMs, done);
  }

  sweep(): void {
    for (const endpoint of this.draining) {
      if (endpoint.inFlight > 0 || endpoint.pendingVerifications > 0) continue;
      this.draining.delete(endpoint);
      endpoint.pool.destroy();
    }
    for (const { pool } of this.listed.values()) pool.sweep();
  }

  close(): void {
    this.checker.stop();
    for (const { pool } of this.all) pool.destroy();
  }

  private add(key: string, info: GatewayEndpoint, totalLimit: number): void {
    const endpoint = new Endpoint(info, totalLimit, this.options.pool);
    this.listed.set(key, endpoint);
    this.options.balancer.add(endpoint);
    this.checker.add(endpoint);
    this.options.onChange(endpoint, 'added');
    this.updateSlots(endpoint);
  }

  private updateSlots(endpoint: Endpoint): void {
    askCapacity(endpoint.pool, this.options, (slots) => {
      if (slots === undefined || endpoint.draining) return;
      endpoint.slots = slots;
      endpoint.totalLimit = slots ?? endpoint.info.limit ?? this.options.defaultLimit;
      this.updateLimits();
    });
  }

  private remove(key: string, endpoint: Endpoint): void {
    this.listed.delete(key);
    this.draining.add(endpoint);
    endpoint.draining = true;
    this.guard.forget(endpoint);
    this.checker.remove(endpoint);
    this.options.balancer.remove(endpoint);
    this.options.onChange(endpoint, 'removed');
  }

  private recordHealthCheck(endpoint: Endpoint, result: CanaryResult, cause: Cause): void {
    endpoint.stats.canaries[result.ok ? 'good' : 'bad'] += 1;
    const foreign = result.ok ? false : (result.foreign ?? endpoint.foreign);
    if (foreign !== endpoint.foreign) this.options.balancer.update(endpoint, { foreign });
    if (result.ok) this.recordSuccess(endpoint, this.options.now(), 'check');
    else this.recordFailure(endpoint, result.reason, cause, !INDECISIVE_CAUSES.includes(cause));
  }

  private recordSuccess(endpoint: Endpoint, now: number, evidence: Evidence): void {
    endpoint.lastSuccessAt = now;
    endpoint.successes += 1;
    const { health } = endpoint;
    const wasHealthy = health.state === 'in' && health.failures === 0;
    const wasSuspect = health.suspect;
    const returned = health.recordSuccess(now, evidence);
    if (wasSuspect) {
      this.guard.forget(endpoint);
      this.options.onRotation();
    }
    // The usual case: nothing changed that the balancer's order depends on.
    if (wasHealthy || endpoint.draining) {
      // Requests that this endpoint failed wait for this.
      if (evidence === 'check' && !endpoint.draining) this.options.balancer.update(endpoint, {});
      return;
    }
    this.options.balancer.update(endpoint, { healthy: health.state === 'in', failures: 0 });
    if (!returned) return;
    this.guard.forget(endpoint);
    this.options.onChange(endpoint, 'in');
    this.updateSlots(endpoint);
  }

  private recordFailure(endpoint: Endpoint, reason: string, cause: Cause, decisive = false): void {
    const { health } = endpoint;
    const now = this.options.now();
    const mayLeave = () =>
      endpoint.draining ||
      SILENT_CAUSES.includes(cause) ||
      this.guard.mayLeave(endpoint, this.listed.size, now);
    const ejected = health.recordFailure(now, reason, decisive, mayLeave);
    if (endpoint.draining) return;
    if (health.suspect) this.keepAll(now, reason);
    this.options.balancer.update(endpoint, { healthy: health.state === 'in', failures: health.failures });
    if (!ejected) return;
    endpoint.stats.ejections += 1;
    this.options.onChange(endpoint, 'out');
    if (SILENT_CAUSES.includes(cause)) for (const notify of [...endpoint.onEjected]) notify();
  }

  /** Too many would leave at once: those that did come back. */
  private keepAll(now: number, reason: string): void {
    for (const endpoint of this.guard.leaving) {
      if (endpoint.health.state !== 'out') continue;
      endpoint.health.readmit(now);
      this.options.balancer.update(endpoint, { healthy: true });
      this.options.onChange(endpoint, 'in');
    }
    this.options.onRotation();
    if (now - this.warnedAt < WARN_EVERY_MS) return;
    this.warnedAt = now;
    this.options.onWarning(
      `warning: ${this.guard.leaving.length} of ${this.listed.size} servers fail at once, so none of them leaves rotation: ${reason}`,
    );
  }
}
