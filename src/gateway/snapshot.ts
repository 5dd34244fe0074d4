import type { Ejection } from './health/health.js';
import type { Member } from './member.js';
import type { Cause } from './types.js';

/** `draining`: no longer listed, and ends its runs. `new`: not proven yet. */
export type EndpointState = 'new' | 'in' | 'out' | 'draining';

/** One endpoint as the gateway sees it. */
export interface EndpointSnapshot {
  url: string;
  node: string | null;
  job_id: string | null;
  state: EndpointState;
  in_flight: number;
  /** Runs that this gateway may have under way there: its part of the endpoint's own limit. */
  limit: number;
  /** Tries a second, and their times in milliseconds, over the last half minute or a bit more. */
  rate: number;
  p50_ms: number | null;
  p99_ms: number | null;
  /** Failures in a row. */
  failures: number;
  ejected: number;
  /** The last ones, latest first: ISO time and reason. */
  ejections: { time: string; reason: string }[];
}

/** What a gateway knows of itself. */
export interface GatewaySnapshot {
  schema_version: 1;
  /** ISO time at which it began. */
  since: string;
  /** ISO time of this look. */
  time: string;
  draining: boolean;
  endpoints: EndpointSnapshot[];
  queue: { waiting: number; longest: number };
  /** Requests under way, those in the queue with them. */
  requests: { under_way: number; answered: number; failed: number; refused: number; gone: number };
  retries: Partial<Record<Cause, number>>;
}

/** `isoOf` makes a time of the gateway's clock an ISO one. */
export function endpointSnapshot(
  member: Member,
  now: number,
  isoOf: (at: number) => string,
): EndpointSnapshot {
  const { endpoint, health, stats } = member;
  const { rate, p50, p99 } = stats.recent.read(now);
  return {
    url: endpoint.url,
    node: endpoint.node,
    job_id: endpoint.jobId,
    state: member.draining ? 'draining' : health.state,
    in_flight: member.inFlight,
    limit: member.limit,
    rate,
    p50_ms: p50,
    p99_ms: p99,
    failures: health.failures,
    ejected: stats.ejections,
    ejections: health.ejections.map(({ at, reason }: Ejection) => ({ time: isoOf(at), reason })),
  };
}
