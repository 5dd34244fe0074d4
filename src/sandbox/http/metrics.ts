import type { Sandbox } from '../sandbox.js';

/** Never its code or output. */
export interface RunRecord {
  language: string;
  /** `program` ran to its end, `timeout` ran longer than its time limit, `request` asked for what cannot be, `infra` is the sandbox's own failure; the others never ran to an end. */
  end: 'program' | 'timeout' | 'health_check' | 'request' | 'infra' | 'refused' | 'cancelled';
  status?: string;
  returnCode?: number | null;
  killed?: string;
  waited: number;
  took: number;
}

export interface Metrics {
  count(record: RunRecord): void;
  page(): Promise<{ text: string; headers: Record<string, string> }>;
}

/** Seconds; a run is some ten milliseconds at least, and clients rarely allow more than a minute. */
const BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** Milliseconds between two looks at how late the event loop is; what nodejs_eventloop_lag_* tell has them in it. */
const EVENT_LOOP_MS = 100;

/** Its library is loaded at the first count: a server is ready without it. */
export function createMetrics(sandbox: () => Sandbox): Metrics {
  let loaded: Promise<Metrics> | undefined;
  const metrics = () => {
    loaded ??= loadMetrics(sandbox);
    return loaded;
  };
  return {
    count: (record) => void metrics().then((each) => each.count(record)),
    page: async () => (await metrics()).page(),
  };
}

async function loadMetrics(sandbox: () => Sandbox): Promise<Metrics> {
  const { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } = await import(
    '../../vendor/prom-client.js'
  );
  const registry = new Registry();
  const registers = [registry];
  const runs = new Counter({
    ...{ name: 'sandboxctl_runs_total', help: 'Runs that are over, by language and by how they ended' },
    labelNames: ['language', 'end'],
    registers,
  });
  const took = new Histogram({
    ...{ name: 'sandboxctl_run_seconds', help: 'Time of a run in its sandbox', labelNames: ['language'] },
    buckets: BUCKETS,
    registers,
  });
  const waited = new Histogram({
    ...{ name: 'sandboxctl_queue_seconds', help: 'Time of a run in the queue' },
    buckets: BUCKETS,
    registers,
  });
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      ...{ name, help, registers },
      collect() {
        this.set(value());
      },
    });
  gauge('sandboxctl_runs_running', 'Runs under way', () => sandbox().queue.busy);
  gauge('sandboxctl_runs_waiting', 'Runs in the queue', () => sandbox().queue.depth);
  gauge('sandboxctl_slots', 'Runs that may be under way at once', () => sandbox().queue.slots);
  gauge('sandboxctl_load', 'Load average of one minute for each CPU', () => sandbox().capacity.load ?? 0);
  const { isolation } = sandbox().capacity;
  new Gauge({
    ...{ name: 'sandboxctl_isolation_info', help: 'How programs are isolated', registers },
    labelNames: ['mode', 'by'],
  }).set({ mode: isolation?.mode ?? '', by: isolation?.by ?? '' }, 1);
  // By itself it would wake an idle server a hundred times a second.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_MS });
  return {
    count: (record) => {
      runs.inc({ language: record.language, end: record.end });
      waited.observe(record.waited);
      if (record.end === 'program' || record.end === 'timeout')
        took.observe({ language: record.language }, record.took);
    },
    page: async () => ({ text: await registry.metrics(), headers: { 'content-type': registry.contentType } }),
  };
}
