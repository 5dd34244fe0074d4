import type { Cause } from '../types.js';
import type { EndpointCounts, EndpointState, GatewayCounts } from './counts.js';
import { quantile } from './recent.js';

/** One endpoint as the gateway sees it. Keys are added, never removed or renamed. */
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

/** What a gateway knows of itself: `/_sandboxctl/snapshot.json`. */
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

export function snapshotOf(counts: GatewayCounts, since: string, time: string): GatewaySnapshot {
  const { draining, ends, retries } = counts;
  return {
    schema_version: 1,
    since,
    time,
    draining,
    endpoints: counts.endpoints.map(endpointSnapshot),
    queue: { waiting: counts.waiting, longest: counts.longest },
    requests: {
      under_way: counts.under_way,
      answered: ends.answer,
      failed: ends.infra,
      refused: ends.refused,
      gone: ends.gone,
    },
    retries,
  };
}

function endpointSnapshot(counts: EndpointCounts): EndpointSnapshot {
  const { url, node, job_id, state, in_flight, limit, failures, ejected, ejections, recent } = counts;
  return {
    ...{ url, node, job_id, state, in_flight, limit },
    rate: recent.counts.reduce((sum, each) => sum + each, 0) / recent.seconds,
    p50_ms: quantile(recent.counts, 0.5),
    p99_ms: quantile(recent.counts, 0.99),
    ...{ failures, ejected, ejections },
  };
}
