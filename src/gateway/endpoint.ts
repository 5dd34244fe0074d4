import { TrackRecord } from '../api/track-record.js';
import type { Backend } from './balance/backend.js';
import { Health } from './health/health.js';
import { Pace } from './health/pace.js';
import { LatencyWindow } from './metrics/latency-window.js';
import { EndpointStats } from './metrics/stats.js';
import type { GatewayEndpoint } from './types.js';
import { Pool, type PoolOptions } from './upstream/pool.js';

/** All that the gateway knows of one server: its connections, health, limit and counters. */
export class Endpoint implements Backend {
  readonly key: string;
  readonly info: GatewayEndpoint;
  readonly pool: Pool;
  readonly health = new Health();
  readonly pace = new Pace();
  readonly record = new TrackRecord();
  readonly stats = new EndpointStats();
  readonly latencies = new LatencyWindow();
  /** Called when it leaves rotation, so that pending requests can be retried elsewhere. */
  readonly onEjected = new Set<() => void>();
  /** A health check, or a run whose result needs no verification. By the gateway's clock. */
  lastSuccessAt = Number.NEGATIVE_INFINITY;
  lastAnswerAt = Number.NEGATIVE_INFINITY;
  /** Slots by its own account; null if it gives none, as SandboxFusion. */
  slots: number | null = null;
  draining = false;
  /** Runs that the server takes at once, over all gateways and processes. */
  totalLimit: number;
  /** Our share of `totalLimit`. */
  limit = 0;
  inFlight = 0;
  cooling = 0;
  /** Responses that wait for a health check; they take no slot. */
  pendingVerifications = 0;
  healthy = false;
  foreign: boolean;
  failures = 0;
  successes = 0;
  lastChosen = 0;
  heapIndex = -1;

  constructor(info: GatewayEndpoint, totalLimit: number, pool: PoolOptions) {
    this.key = keyOf(info);
    this.info = info;
    this.totalLimit = totalLimit;
    this.foreign = info.secret != null;
    this.pool = new Pool(info.url, pool);
  }
}

/** Our own server loses no output: an empty one needs no second opinion. */
export function isOurs({ slots }: Endpoint): boolean {
  return slots !== null;
}

export function isCrowded({ pace, inFlight, totalLimit }: Endpoint): boolean {
  return pace.isSlow || inFlight > totalLimit;
}

export function keyOf({ url, nonce, secret }: GatewayEndpoint): string {
  return `${url} ${secret ?? nonce ?? ''}`;
}
