import type { Backend } from './balance/backend.js';
import { Health } from './health/health.js';
import { Recent } from './metrics/recent.js';
import { MemberStats } from './metrics/stats.js';
import type { GatewayEndpoint } from './types.js';
import { Pool, type PoolOptions } from './upstream/pool.js';

/** One endpoint as the gateway uses it. */
export class Member implements Backend {
  readonly key: string;
  readonly endpoint: GatewayEndpoint;
  readonly pool: Pool;
  readonly health = new Health();
  readonly stats = new MemberStats();
  readonly recent = new Recent();
  /** Called when it leaves rotation: those who wait for its answer had better try elsewhere. */
  readonly onEjected = new Set<() => void>();
  /** When something worked there last. */
  workedAt = Number.NEGATIVE_INFINITY;
  /** It is no longer listed, and ends its runs. */
  draining = false;
  /** Runs that the server takes at once, for all who use it. */
  whole: number;
  /** Our part of them. */
  limit = 0;
  inFlight = 0;
  /** Answers of it that wait for a health check; they take no slot. */
  held = 0;
  good = false;
  failures = 0;
  proofs = 0;
  turn = 0;
  place = -1;

  constructor(endpoint: GatewayEndpoint, whole: number, pool: PoolOptions) {
    this.key = keyOf(endpoint);
    this.endpoint = endpoint;
    this.whole = whole;
    this.pool = new Pool(endpoint.url, pool);
  }
}

/** Another job behind the same URL is another endpoint. */
export function keyOf({ url, nonce }: GatewayEndpoint): string {
  return `${url} ${nonce ?? ''}`;
}
