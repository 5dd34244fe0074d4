import type { Endpoint } from '../endpoint.js';
import type { HealthState } from '../health/health.js';
import type { AccessRecord } from '../proxy.js';
import type { Cause, FailureCause } from '../types.js';
import type { LatencyCounts } from './latency-window.js';
import type { TryEnd } from './stats.js';

interface HistogramCounts {
  counts: number[];
  sum: number;
}

export type EndpointState = HealthState | 'draining';

export interface EndpointCounts {
  key: string;
  url: string;
  node: string | null;
  job_id: string | null;
  state: EndpointState;
  in_flight: number;
  held: number;
  limit: number;
  failures: number;
  ejected: number;
  ejections: { time: string; reason: string }[];
  tries: Record<TryEnd, HistogramCounts>;
  causes: Partial<Record<Cause, number>>;
  canaries: { good: number; bad: number };
  recent: LatencyCounts;
}

export interface GatewayCounts {
  draining: boolean;
  endpoints: EndpointCounts[];
  waiting: number;
  longest: number;
  under_way: number;
  ends: Record<AccessRecord['end'], number>;
  failed: Partial<Record<FailureCause, number>>;
  retries: Partial<Record<Cause, number>>;
  waited: HistogramCounts;
  took: HistogramCounts;

  outages: number;
}

/** `isoOf` converts a time of the gateway's clock to ISO 8601. */
export function endpointCounts(
  endpoint: Endpoint,
  now: number,
  isoOf: (at: number) => string,
): EndpointCounts {
  const { info, health, stats } = endpoint;
  return {
    key: endpoint.key,
    url: info.url,
    node: info.node,
    job_id: info.jobId,
    state: endpoint.draining ? 'draining' : health.state,
    in_flight: endpoint.inFlight,
    held: endpoint.pendingVerifications,
    limit: endpoint.limit,
    failures: health.failures,
    ejected: stats.ejections,
    ejections: health.ejections.map(({ at, reason }) => ({ time: isoOf(at), reason })),
    tries: stats.tries,
    causes: Object.fromEntries(stats.failures),
    canaries: stats.canaries,
    recent: endpoint.latencies.read(now),
  };
}

export function mergeCounts([first, ...others]: readonly GatewayCounts[]): GatewayCounts | undefined {
  return first && others.reduce(mergeTwo, first);
}

/** Adds up the jobs that served one URL after another. */
export function mergeByUrl(endpoints: readonly EndpointCounts[]): EndpointCounts[] {
  return mergeBy(endpoints, ({ url }) => url);
}

function mergeBy(
  endpoints: readonly EndpointCounts[],
  keyOf: (endpoint: EndpointCounts) => string,
): EndpointCounts[] {
  const found = new Map<string, EndpointCounts>();
  for (const each of endpoints) {
    const known = found.get(keyOf(each));
    found.set(keyOf(each), known === undefined ? each : mergeEndpoints(known, each));
  }
  return [...found.values()];
}

function mergeTwo(a: GatewayCounts, b: GatewayCounts): GatewayCounts {
  return {
    draining: a.draining || b.draining,
    endpoints: mergeBy([...a.endpoints, ...b.endpoints], ({ key }) => key),
    waiting: a.waiting + b.waiting,
    longest: a.longest + b.longest,
    under_way: a.under_way + b.under_way,
    ends: addRecords(a.ends, b.ends) as GatewayCounts['ends'],
    failed: addRecords(a.failed, b.failed),
    retries: addRecords(a.retries, b.retries),
    waited: mergeHistograms(a.waited, b.waited),
    took: mergeHistograms(a.took, b.took),
    outages: Math.max(a.outages, b.outages),
  };
}

/** If the processes disagree, the worst state is reported. */
const STATES_BY_SEVERITY: readonly EndpointState[] = ['in', 'new', 'out', 'draining'];
const KEPT_EJECTIONS = 5;

function mergeEndpoints(a: EndpointCounts, b: EndpointCounts): EndpointCounts {
  const ejections = [...a.ejections, ...b.ejections].sort((x, y) => (x.time < y.time ? 1 : -1));
  const tries = (end: TryEnd) => mergeHistograms(a.tries[end], b.tries[end]);
  return {
    ...a,
    state:
      STATES_BY_SEVERITY[
        Math.max(STATES_BY_SEVERITY.indexOf(a.state), STATES_BY_SEVERITY.indexOf(b.state))
      ] ?? a.state,
    in_flight: a.in_flight + b.in_flight,
    held: a.held + b.held,
    limit: a.limit + b.limit,
    failures: Math.max(a.failures, b.failures),
    ejected: a.ejected + b.ejected,
    ejections: ejections.slice(0, KEPT_EJECTIONS),
    tries: {
      program: tries('program'),
      request: tries('request'),
      other: tries('other'),
      infra: tries('infra'),
    },
    causes: addRecords(a.causes, b.causes),
    canaries: { good: a.canaries.good + b.canaries.good, bad: a.canaries.bad + b.canaries.bad },
    recent: {
      counts: addArrays(a.recent.counts, b.recent.counts),
      seconds: Math.max(a.recent.seconds, b.recent.seconds),
    },
  };
}

function mergeHistograms(a: HistogramCounts, b: HistogramCounts): HistogramCounts {
  return { counts: addArrays(a.counts, b.counts), sum: a.sum + b.sum };
}

function addArrays(a: readonly number[], b: readonly number[]): number[] {
  return a.map((count, at) => count + (b[at] ?? 0));
}

function addRecords<K extends string>(
  a: Partial<Record<K, number>>,
  b: Partial<Record<K, number>>,
): Partial<Record<K, number>> {
  const all = { ...a };
  for (const [key, count] of Object.entries(b) as [K, number][]) all[key] = (all[key] ?? 0) + count;
  return all;
}
