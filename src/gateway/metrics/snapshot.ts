import { printable } from '../../errors.js';
import type { FleetFacts } from '../fleet-facts.js';
import type { Cause, FailureCause } from '../types.js';
import type { EndpointCounts, EndpointState, GatewayCounts } from './counts.js';
import type { HistoryPoint } from './history.js';
import { quantile } from './latency-window.js';

/** A public format: keys are added, never removed or renamed. */
export interface EndpointSnapshot {
  url: string;
  node: string | null;
  job_id: string | null;
  state: EndpointState;
  in_flight: number;
  limit: number;
  /** Attempts per second over the last 30 to 60 seconds. */
  rate: number;
  p50_ms: number | null;
  p99_ms: number | null;
  failures: number;
  ejected: number;
  ejections: { time: string; reason: string }[];
}

/** `/_sandboxctl/snapshot.json`. */
export interface GatewaySnapshot {
  schema_version: 1;
  since: string;
  time: string;
  draining: boolean;
  endpoints: EndpointSnapshot[];
  queue: { waiting: number; longest: number };
  /** `under_way` includes the queue; `refused`: the queue was full; `gone`: the client disconnected. */
  requests: { under_way: number; answered: number; failed: number; refused: number; gone: number };
  retries: Partial<Record<Cause, number>>;
  /** `failed` and `refused` by cause. */
  failures: Partial<Record<FailureCause, number>>;
  /** Null for a gateway without a fleet. */
  fleet: FleetFacts | null;
}

/** What the gateway's own routes show, of all its processes. */
export interface GatewayReport {
  counts: GatewayCounts;
  history: readonly HistoryPoint[];
  fleet: FleetFacts | null;
}

export function snapshotOf(
  { counts, fleet }: Pick<GatewayReport, 'counts' | 'fleet'>,
  since: string,
  time: string,
): GatewaySnapshot {
  const { draining, ends, retries, failed } = counts;
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
    failures: failed,
    fleet,
  };
}

function endpointSnapshot(counts: EndpointCounts): EndpointSnapshot {
  const { url, node, job_id, state, in_flight, limit, failures, ejected, ejections, recent } = counts;
  return {
    ...{ url, node, job_id, state, in_flight, limit },
    rate: recent.counts.reduce((sum, each) => sum + each, 0) / recent.seconds,
    p50_ms: quantile(recent.counts, 0.5),
    p99_ms: quantile(recent.counts, 0.99),
    ...{ failures, ejected },
    ejections: ejections.map(({ time, reason }) => ({ time, reason: printable(reason) })),
  };
}
