import type { BenchReport, MethodReport } from '../../src/bench/report/report.js';

function method(name: string, isolated: boolean, wall: number): MethodReport {
  return {
    ...{ name, about: 'a <server>', isolated, cores: 2, runs: 20, wall_seconds: wall },
    ...{ runs_per_second: 20 / wall, runs_per_second_per_core: 10 / wall },
    latency_ms: { mean: 20, p50: 15, p90: 30, p99: 320, max: 400 },
    ...{ cpu_seconds: 1, cpu_ms_per_run: 50, peak_memory_bytes: 2 ** 27, unexpected: 0 },
    ratio: { wall, wall_least: wall, wall_most: wall + 0.5, cpu: 1 },
    verdicts: { accepted: 1, timeout: 1 },
    sandbox_failures: { runs: 0, retries: 0, reasons: {} },
    timeouts: { runs: 1, contended: 1, unproven: 0 },
  };
}

export function exampleReport(): BenchReport {
  const answers = [
    { method: 'subprocess', verdict: 'timeout' as const, detail: '', doubt: 'contended' as const },
    { method: 'lite', verdict: 'failed' as const, detail: '<img src=x>', doubt: null },
  ];
  return {
    ...{ schema_version: 1, sandboxctl: '0.1.0', started_at: '2026-01-01', finished_at: '2026-01-01' },
    ...{ complete: true, concurrency: 2, baseline: 'subprocess' },
    headline: { isolated_runs_per_second_per_core: 6.7, method: 'lite', dataset: 'leetcode-2' },
    machine: {
      cpus: 2,
      cpu_model: 'CPU',
      memory_bytes: 1,
      kernel: '6',
      node: 'v20',
      load_per_cpu: 0,
      tools: {},
    },
    dataset: {
      ...{ name: 'leetcode-2', source: 'synthetic', seed: 1, sha256: 'abc', problems: 2, runs: 20 },
      ...{ languages: { python: 2 }, rejected: [] },
    },
    methods: [method('subprocess', false, 1), method('lite', true, 1.5)],
    agreement: {
      ...{ compared: 2, agreeing: 1 },
      disagreements: [{ problem: 'leetcode-1', line: null, answers, doubtful: true }],
    },
    rounds: [0, 1].flatMap((round) =>
      ['subprocess', 'lite'].map((name, at) => ({
        ...{ round, method: name, runs: 10, wall_seconds: 0.5 + at * 0.25, cpu_seconds: 1 },
      })),
    ),
  };
}
