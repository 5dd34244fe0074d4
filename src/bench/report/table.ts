import { columns } from '../../text/columns.js';
import type { BenchReport, MethodReport } from './report.js';
import { megabytes, milliseconds, rate, ratio, seconds } from './units.js';

export const METHOD_COLUMNS: readonly string[] = [
  'METHOD',
  'WALL',
  'RATIO',
  'RUNS/S',
  'PER CORE',
  'P50',
  'P90',
  'P99',
  'CPU/RUN',
  'MEMORY',
  'SANDBOX FAILURES',
];

/** The methods side by side, or below each other where the terminal is too narrow; 0 columns: any width. */
export function methodTable(report: BenchReport, width: number): string[] {
  const rows = report.methods.map((method) => [method.name, ...methodCells(method)]);
  const beside = columns([METHOD_COLUMNS, ...rows]);
  if (width === 0 || beside.every((line) => line.length <= width)) return beside;
  const labels = METHOD_COLUMNS.slice(1).map((label) =>
    label.toLowerCase().replace(/^(p|cpu)(?=\d|\/)/, (text) => text.toUpperCase()),
  );
  return report.methods.flatMap((method) => [
    method.name,
    ...columns(methodCells(method).map((cell, at) => [`  ${labels[at]}`, cell])),
  ]);
}

export function methodCells(method: MethodReport): string[] {
  const { latency_ms: latency, ratio: ratios, sandbox_failures: failures } = method;
  return [
    seconds(method.wall_seconds),
    ratioCell(ratios),
    rate(method.runs_per_second),
    rate(method.runs_per_second_per_core),
    milliseconds(latency.p50),
    milliseconds(latency.p90),
    milliseconds(latency.p99),
    milliseconds(method.cpu_ms_per_run),
    megabytes(method.peak_memory_bytes),
    `${failures.runs}${failures.retries > 0 ? ` (${failures.retries} retries)` : ''}`,
  ];
}

function ratioCell({ wall, wall_least: least, wall_most: most }: MethodReport['ratio']): string {
  if (wall === null || least === null || most === null || least === most) return ratio(wall);
  return `${ratio(wall)} (${least.toFixed(2)}-${most.toFixed(2)})`;
}
