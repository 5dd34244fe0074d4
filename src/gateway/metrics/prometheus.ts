import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '../../vendor/prom-client.js';
import { type GatewayCounts, mergeByUrl } from './counts.js';
import { BUCKETS, TRY_ENDS } from './stats.js';

type Labels = Record<string, string>;
type Row = readonly [labels: Labels, value: number];
type HistogramRow = readonly [labels: Labels, counts: { counts: readonly number[]; sum: number }];

/** A histogram that is counted elsewhere: prom-client's own counting is too expensive per request. */
class PrecountedHistogram extends Histogram<string> {
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

  /** The registry prefers this undocumented method of histograms to `get`. */
  getForPromString() {
    return this.get();
  }
}

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
    new PrecountedHistogram(`sandboxctl_gateway_${name}`, help, rows, registers);
  const of = (object: Readonly<Partial<Record<string, number>>>, label: string, more: Labels = {}): Row[] =>
    Object.entries(object).map(([key, value = 0]) => [{ ...more, [label]: key }, value]);
  const endpoints = mergeByUrl(counts.endpoints);
  const each = (value: (endpoint: (typeof endpoints)[number]) => number): Row[] =>
    endpoints.map((endpoint) => [{ endpoint: endpoint.url }, value(endpoint)]);

  counter('requests_total', 'Completed requests by outcome', of(counts.ends, 'end'));
  counter('retries_total', 'Retries by cause of the failed attempt', of(counts.retries, 'cause'));
  counter('outages_total', 'Outages: periods without any endpoint in rotation', [[{}, counts.outages]]);
  gauge('requests_under_way', 'Requests in progress, queued ones included', [[{}, counts.under_way]]);
  gauge('queue_waiting', 'Requests in the queue', [[{}, counts.waiting]]);
  histogram('request_seconds', 'Total duration of requests', [[{}, counts.took]]);
  histogram('queue_seconds', 'Time that requests spent in the queue', [[{}, counts.waited]]);
  histogram(
    'try_seconds',
    'Duration of attempts by endpoint and outcome',
    endpoints.flatMap(({ url, tries }) =>
      TRY_ENDS.map((outcome): HistogramRow => [{ endpoint: url, outcome }, tries[outcome]]),
    ),
  );
  counter(
    'try_failures_total',
    'Attempts that failed because of the sandbox, by cause',
    endpoints.flatMap(({ url, causes }) => of(causes, 'cause', { endpoint: url })),
  );
  counter(
    'canaries_total',
    'Health checks by endpoint and result',
    endpoints.flatMap(({ url, canaries }) => of(canaries, 'result', { endpoint: url })),
  );
  counter(
    'ejections_total',
    'Times that the endpoint was taken out of rotation',
    each(({ ejected }) => ejected),
  );
  gauge(
    'endpoint_in_rotation',
    '1 if the endpoint is in rotation, else 0',
    each(({ state }) => (state === 'in' ? 1 : 0)),
  );
  gauge(
    'endpoint_in_flight',
    'Runs in flight on the endpoint',
    each(({ in_flight }) => in_flight),
  );
  gauge(
    'endpoint_limit',
    'Maximum runs in flight on the endpoint',
    each(({ limit }) => limit),
  );
  return {
    text: `${await registry.metrics()}${await processMetrics().metrics()}`,
    type: registry.contentType,
  };
}

let processRegistry: Registry | undefined;

/** CPU, memory and event loop of this process. Its collectors must be started only once. */
function processMetrics(): Registry {
  if (processRegistry === undefined) {
    processRegistry = new Registry();
    collectDefaultMetrics({ register: processRegistry });
  }
  return processRegistry;
}
