import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { byUrl, type GatewayCounts } from './counts.js';
import { BUCKETS, TRY_ENDS } from './stats.js';

type Labels = Record<string, string>;
type Row = readonly [labels: Labels, value: number];
type HistogramRow = readonly [labels: Labels, counts: { counts: readonly number[]; sum: number }];

/** A histogram whose counts were taken elsewhere: prom-client's own counting costs more than a request may. */
class Counted extends Histogram<string> {
  private readonly rows: readonly HistogramRow[];
  private readonly plain: Histogram<string>;

  constructor(name: string, help: string, rows: readonly HistogramRow[], registers: Registry[]) {
    super({ name, help, labelNames: Object.keys(rows[0]?.[0] ?? {}), buckets: BUCKETS, registers });
    this.rows = rows;
    this.plain = new Histogram({ name, help, registers: [] });
  }

  override async get() {
    const plain = await this.plain.get();
    const { name } = plain;
    const values = this.rows.flatMap(([labels, { counts, sum }]) => {
      let upTo = 0;
      const buckets = counts.map((count, at) => {
        upTo += count;
        return {
          metricName: `${name}_bucket`,
          labels: { ...labels, le: BUCKETS[at] ?? '+Inf' },
          value: upTo,
        };
      });
      return [
        ...buckets,
        { metricName: `${name}_sum`, labels, value: sum },
        { metricName: `${name}_count`, labels, value: upTo },
      ];
    });
    return { ...plain, values };
  }

  /** What the registry asks a histogram for, where it has it. */
  getForPromString() {
    return this.get();
  }
}

/** One page for Prometheus. */
export async function metricsPage(counts: GatewayCounts): Promise<{ text: string; type: string }> {
  const registry = new Registry();
  const registers = [registry];
  const labels = (rows: readonly Row[]) => ({ labelNames: Object.keys(rows[0]?.[0] ?? {}), registers });
  const counter = (name: string, help: string, rows: readonly Row[]) => {
    const metric = new Counter({ name: `sandboxctl_gateway_${name}`, help, ...labels(rows) });
    for (const [each, value] of rows) metric.inc(each, value);
  };
  const gauge = (name: string, help: string, rows: readonly Row[]) => {
    const metric = new Gauge({ name: `sandboxctl_gateway_${name}`, help, ...labels(rows) });
    for (const [each, value] of rows) metric.set(each, value);
  };
  const histogram = (name: string, help: string, rows: readonly HistogramRow[]) =>
    new Counted(`sandboxctl_gateway_${name}`, help, rows, registers);
  const of = (object: Readonly<Partial<Record<string, number>>>, label: string, more: Labels = {}): Row[] =>
    Object.entries(object).map(([key, value = 0]) => [{ ...more, [label]: key }, value]);
  const endpoints = byUrl(counts.endpoints);
  const each = (value: (endpoint: (typeof endpoints)[number]) => number): Row[] =>
    endpoints.map((endpoint) => [{ endpoint: endpoint.url }, value(endpoint)]);

  counter('requests_total', 'Requests that are over, by what became of them', of(counts.ends, 'end'));
  counter('retries_total', 'Requests sent again, by why the try before failed', of(counts.retries, 'cause'));
  counter('outages_total', 'Times that no endpoint was in rotation any more', [[{}, counts.outages]]);
  gauge('requests_under_way', 'Requests under way, those that wait with them', [[{}, counts.under_way]]);
  gauge('queue_waiting', 'Requests that wait for a slot', [[{}, counts.waiting]]);
  histogram('request_seconds', 'Time of a request in all', [[{}, counts.took]]);
  histogram('queue_seconds', 'Time of a request in the queue', [[{}, counts.waited]]);
  histogram(
    'try_seconds',
    'Time of a try on an endpoint, by what it showed',
    endpoints.flatMap(({ url, tries }) =>
      TRY_ENDS.map((outcome): HistogramRow => [{ endpoint: url, outcome }, tries[outcome]]),
    ),
  );
  counter(
    'try_failures_total',
    'Tries that the sandbox failed, by why',
    endpoints.flatMap(({ url, causes }) => of(causes, 'cause', { endpoint: url })),
  );
  counter(
    'canaries_total',
    'Canaries of an endpoint, by what they showed',
    endpoints.flatMap(({ url, canaries }) => of(canaries, 'result', { endpoint: url })),
  );
  counter(
    'ejections_total',
    'Times that an endpoint left rotation',
    each(({ ejected }) => ejected),
  );
  gauge(
    'endpoint_in_rotation',
    'Whether it is in rotation',
    each(({ state }) => (state === 'in' ? 1 : 0)),
  );
  gauge(
    'endpoint_in_flight',
    'Runs under way there',
    each(({ in_flight }) => in_flight),
  );
  gauge(
    'endpoint_limit',
    'Runs that may be under way there',
    each(({ limit }) => limit),
  );
  return { text: `${await registry.metrics()}${await ownProcess().metrics()}`, type: registry.contentType };
}

let own: Registry | undefined;

/** CPU, memory and event loop of the process that answers. Its watchers are started once. */
function ownProcess(): Registry {
  if (own === undefined) {
    own = new Registry();
    collectDefaultMetrics({ register: own });
  }
  return own;
}
