import type { Backend } from './balance/backend.js';
import { Health } from './health/health.js';
import { MemberStats } from './stats.js';
import type { GatewayEndpoint } from './types.js';
import { Pool, type PoolOptions } from './upstream/pool.js';

/** One endpoint as the gateway uses it. */
export class Member implements Backend {
  readonly endpoint: GatewayEndpoint;
  readonly pool: Pool;
  readonly health = new Health();
  readonly stats = new MemberStats();
  /** Called when it leaves rotation: those who wait for its answer had better try elsewhere. */
  readonly onEjected = new Set<() => void>();
  /** When something worked there last. */
  workedAt = Number.NEGATIVE_INFINITY;
  /** It is no longer listed, and ends its runs. */
  draining = false;
  limit: number;
  inFlight = 0;
  good = false;
  failures = 0;
  proofs = 0;
  turn = 0;
  place = -1;

  constructor(endpoint: GatewayEndpoint, limit: number, pool: PoolOptions) {
    this.endpoint = endpoint;
    this.limit = limit;
    this.pool = new Pool(endpoint.url, pool);
  }
}

/** Another job behind the same URL is another endpoint. */
export function keyOf({ url, nonce }: GatewayEndpoint): string {
  return `${url} ${nonce ?? ''}`;
}
