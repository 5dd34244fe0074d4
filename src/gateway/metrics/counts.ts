import type { HealthState } from '../health/health.js';
import type { Member } from '../member.js';
import type { Access } from '../proxy.js';
import type { Cause } from '../types.js';
import type { RecentCounts } from './recent.js';
import type { TryEnd } from './stats.js';

interface HistogramCounts {
  counts: number[];
  sum: number;
}

/** `draining`: no longer listed, and ends its runs. `new`: not proven yet. */
export type EndpointState = HealthState | 'draining';

/** All that one process counted of one endpoint; what several counted can be added up. */
export interface EndpointCounts {
  key: string;
  url: string;
  node: string | null;
  job_id: string | null;
  state: EndpointState;
  in_flight: number;
  /** Answers that wait for a health check of the server; they take no slot. */
  held: number;
  limit: number;
  failures: number;
  ejected: number;
  ejections: { time: string; reason: string }[];
  tries: Record<TryEnd, HistogramCounts>;
  causes: Partial<Record<Cause, number>>;
  canaries: { good: number; bad: number };
  recent: RecentCounts;
}

/** All that one process counted. */
export interface GatewayCounts {
  draining: boolean;
  endpoints: EndpointCounts[];
  waiting: number;
  longest: number;
  under_way: number;
  ends: Record<Access['end'], number>;
  retries: Partial<Record<Cause, number>>;
  /** Times of requests: in the queue, and in all. */
  waited: HistogramCounts;
  took: HistogramCounts;
  /** Outages that began. */
  outages: number;
}

/** `isoOf` makes a time of the gateway's clock an ISO one. */
export function endpointCounts(member: Member, now: number, isoOf: (at: number) => string): EndpointCounts {
  const { endpoint, health, stats } = member;
  return {
    key: member.key,
    url: endpoint.url,
    node: endpoint.node,
    job_id: endpoint.jobId,
    state: member.draining ? 'draining' : health.state,
    in_flight: member.inFlight,
    held: member.held,
    limit: member.limit,
    failures: health.failures,
    ejected: stats.ejections,
    ejections: health.ejections.map(({ at, reason }) => ({ time: isoOf(at), reason })),
    tries: stats.tries,
    causes: Object.fromEntries(stats.failures),
    canaries: stats.canaries,
    recent: member.recent.read(now),
  };
}

/** What several processes of one gateway counted, as one. */
export function together([first, ...others]: readonly GatewayCounts[]): GatewayCounts | undefined {
  return first && others.reduce(both, first);
}

/** One job after another behind one URL counts as one. */
export function byUrl(endpoints: readonly EndpointCounts[]): EndpointCounts[] {
  return merged(endpoints, ({ url }) => url);
}

function merged(
  endpoints: readonly EndpointCounts[],
  keyOf: (endpoint: EndpointCounts) => string,
): EndpointCounts[] {
  const found = new Map<string, EndpointCounts>();
  for (const each of endpoints) {
    const known = found.get(keyOf(each));
    found.set(keyOf(each), known === undefined ? each : bothEndpoints(known, each));
  }
  return [...found.values()];
}

function both(a: GatewayCounts, b: GatewayCounts): GatewayCounts {
  return {
    draining: a.draining || b.draining,
    endpoints: merged([...a.endpoints, ...b.endpoints], ({ key }) => key),
    waiting: a.waiting + b.waiting,
    longest: a.longest + b.longest,
    under_way: a.under_way + b.under_way,
    ends: sums(a.ends, b.ends) as GatewayCounts['ends'],
    retries: sums(a.retries, b.retries),
    waited: histograms(a.waited, b.waited),
    took: histograms(a.took, b.took),
    outages: Math.max(a.outages, b.outages),
  };
}

/** From the best to the worst: where the processes differ, the worst is told. */
const STATES: readonly EndpointState[] = ['in', 'new', 'out', 'draining'];
const KEPT_EJECTIONS = 5;

function bothEndpoints(a: EndpointCounts, b: EndpointCounts): EndpointCounts {
  const ejections = [...a.ejections, ...b.ejections].sort((x, y) => (x.time < y.time ? 1 : -1));
  const tries = (end: TryEnd) => histograms(a.tries[end], b.tries[end]);
  return {
    ...a,
    state: STATES[Math.max(STATES.indexOf(a.state), STATES.indexOf(b.state))] ?? a.state,
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
    causes: sums(a.causes, b.causes),
    canaries: { good: a.canaries.good + b.canaries.good, bad: a.canaries.bad + b.canaries.bad },
    recent: {
      counts: added(a.recent.counts, b.recent.counts),
      seconds: Math.max(a.recent.seconds, b.recent.seconds),
    },
  };
}

function histograms(a: HistogramCounts, b: HistogramCounts): HistogramCounts {
  return { counts: added(a.counts, b.counts), sum: a.sum + b.sum };
}

function added(a: readonly number[], b: readonly number[]): number[] {
  return a.map((count, at) => count + (b[at] ?? 0));
}

function sums<K extends string>(
  a: Partial<Record<K, number>>,
  b: Partial<Record<K, number>>,
): Partial<Record<K, number>> {
  const all = { ...a };
  for (const [key, count] of Object.entries(b) as [K, number][]) all[key] = (all[key] ?? 0) + count;
  return all;
}
