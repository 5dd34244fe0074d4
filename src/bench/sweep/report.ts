import { columns } from '../../text/columns.js';
import { milliseconds, rate, seconds } from '../report/units.js';
import { bestStep, type Step } from './steps.js';

/** The JSON of a sweep: docs/benchmarks.md describes it. */
export interface SweepReport {
  schema_version: 1;
  dataset: string;
  complete: boolean;
  servers: SweptServer[];
  best: Best | null;
}

export interface SweptServer {
  name: string;
  about: string;
  cores: number | null;
  steps: Step[];
}

interface Best extends Pick<Step, 'concurrency' | 'runs_per_second'> {
  server: string;
  runs_per_second_per_core: number | null;
}

/** The server that holds most, and how many at once that takes. */
export function bestOf(servers: readonly SweptServer[]): Best | null {
  const all = servers.flatMap(({ name, cores, steps }): Best[] => {
    const step = bestStep(steps);
    if (step === undefined) return [];
    const { concurrency, runs_per_second } = step;
    const perCore = cores === null ? null : runs_per_second / cores;
    return [{ server: name, concurrency, runs_per_second, runs_per_second_per_core: perCore }];
  });
  return all.reduce<Best | null>(
    (best, each) => (best === null || each.runs_per_second > best.runs_per_second ? each : best),
    null,
  );
}

/** The problems of the TACO set in Reasoning360's usage guide. */
const MANY = 13_000;

export function sweepText({ dataset, servers, best }: SweepReport, flags: readonly string[]): string[] {
  const rows = servers.flatMap(({ name, steps }) =>
    steps.map((step) => [
      name,
      String(step.concurrency),
      rate(step.runs_per_second),
      milliseconds(step.latency_ms.p50),
      milliseconds(step.latency_ms.p99),
      String(step.sandbox_failures),
    ]),
  );
  const table = columns([['SERVER', 'AT ONCE', 'RUNS/S', 'P50', 'P99', 'SANDBOX FAILURES'], ...rows]);
  if (best === null) return [...table, '', 'no server ran a program without a failure of its own'];
  const perCore =
    best.runs_per_second_per_core === null ? '' : `, ${rate(best.runs_per_second_per_core)} a core`;
  return [
    ...table,
    '',
    `${best.server} holds ${rate(best.runs_per_second)} runs a second${perCore}, with ${best.concurrency} at once`,
    `${MANY} runs like those of ${dataset} take about ${seconds(MANY / best.runs_per_second)}`,
    ...flags,
  ];
}
