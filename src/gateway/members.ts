import type { CanaryResult } from '../api/canary.js';
import type { Balancer } from './balance/balancer.js';
import { Canaries, type CanaryOptions } from './health/canaries.js';
import type { Judged } from './judge.js';
import { keyOf, Member } from './member.js';
import type { Cause, GatewayEndpoint } from './types.js';
import type { PoolOptions } from './upstream/pool.js';

export interface MembersOptions extends Omit<CanaryOptions, 'saw'> {
  balancer: Balancer<Member>;
  pool: PoolOptions;
  /** Runs at once on an endpoint that says nothing about it. */
  defaultLimit: number;
  /** Our part of an endpoint's limit; `total`: all limits together. */
  part(url: string, limit: number, total: number): number;
  /** An endpoint came, went, or changed its state. */
  changed(member: Member, what: 'added' | 'removed' | 'in' | 'out'): void;
}

/** Signs that the whole server is silent: who waits for an answer of it waits in vain. */
const SILENT: readonly Cause[] = ['refused', 'unreachable', 'reset', 'timeout'];

/** The endpoints of the gateway, and what is known of each. */
export class Members {
  private readonly listed = new Map<string, Member>();
  private readonly leaving = new Set<Member>();
  private readonly canaries: Canaries;
  private readonly options: MembersOptions;

  constructor(options: MembersOptions) {
    this.options = options;
    this.canaries = new Canaries({ ...options, saw: (...seen) => this.sawCanary(...seen) });
  }

  /** All, also those that are leaving. */
  get all(): readonly Member[] {
    return [...this.listed.values(), ...this.leaving];
  }

  get inRotation(): number {
    let count = 0;
    for (const { good } of this.listed.values()) if (good) count += 1;
    return count;
  }

  /** These endpoints are the fleet now. */
  set(endpoints: readonly GatewayEndpoint[]): void {
    const wanted = new Map(endpoints.map((endpoint) => [keyOf(endpoint), endpoint]));
    for (const [key, endpoint] of wanted) {
      const known = this.listed.get(key);
      const whole = endpoint.limit ?? this.options.defaultLimit;
      if (known === undefined) this.add(key, endpoint, whole);
      else known.whole = whole;
    }
    for (const [key, member] of this.listed) if (!wanted.has(key)) this.drop(key, member);
    this.share();
  }

  /** Takes our part of every endpoint, as it is now. */
  share(): void {
    const { balancer, part } = this.options;
    let total = 0;
    for (const { whole } of this.listed.values()) total += whole;
    for (const member of this.listed.values()) {
      const limit = part(member.endpoint.url, member.whole, total);
      if (limit !== member.limit) balancer.change(member, { limit });
    }
  }

  /** What a try showed. */
  saw(member: Member, what: Judged, ms: number): void {
    const now = this.options.now();
    member.stats.tries[what.end].add(ms / 1000);
    member.recent.add(now, ms);
    if (what.end !== 'infra') {
      if (what.doubt === null) this.worked(member, now);
      return;
    }
    member.stats.failed(what.cause);
    this.failed(member, what.reason, what.cause);
    this.canaries.hurry(member);
  }

  /** Checks the health of a server, also of one that is leaving, so many milliseconds from now. */
  verify(member: Member, afterMs: number, done: (result: CanaryResult) => void): void {
    this.canaries.verify(member, afterMs, done);
  }

  /** Forgets those that have left and ended their runs, and closes connections that lie idle. */
  sweep(): void {
    for (const member of this.leaving) {
      if (member.inFlight > 0 || member.held > 0) continue;
      this.leaving.delete(member);
      member.pool.destroy();
    }
    for (const { pool } of this.listed.values()) pool.sweep();
  }

  close(): void {
    this.canaries.stop();
    for (const { pool } of this.all) pool.destroy();
  }

  private add(key: string, endpoint: GatewayEndpoint, whole: number): void {
    const member = new Member(endpoint, whole, this.options.pool);
    this.listed.set(key, member);
    this.options.balancer.add(member);
    this.canaries.add(member);
    this.options.changed(member, 'added');
  }

  private drop(key: string, member: Member): void {
    this.listed.delete(key);
    this.leaving.add(member);
    member.draining = true;
    this.canaries.remove(member);
    this.options.balancer.remove(member);
    this.options.changed(member, 'removed');
  }

  private sawCanary(member: Member, result: CanaryResult, cause: Cause): void {
    member.stats.canaries[result.ok ? 'good' : 'bad'] += 1;
    if (result.ok) this.worked(member, this.options.now());
    else this.failed(member, result.reason, cause);
  }

  private worked(member: Member, now: number): void {
    member.workedAt = now;
    member.proofs += 1;
    const { health } = member;
    const wasWell = health.state === 'in' && health.failures === 0;
    const came = health.good(now);
    // The usual case: nothing has changed that the choice depends on.
    if (wasWell || member.draining) return;
    this.options.balancer.change(member, { good: health.state === 'in', failures: 0 });
    if (came) this.options.changed(member, 'in');
  }

  private failed(member: Member, reason: string, cause: Cause): void {
    const { health } = member;
    const went = health.bad(this.options.now(), reason);
    if (member.draining) return;
    this.options.balancer.change(member, { good: health.state === 'in', failures: health.failures });
    if (!went) return;
    member.stats.ejections += 1;
    this.options.changed(member, 'out');
    if (SILENT.includes(cause)) for (const leave of [...member.onEjected]) leave();
  }
}
