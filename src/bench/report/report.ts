import type { Agreement } from '../agreement.js';
import type { Verdict } from '../problem.js';
import type { Latency } from '../statistics.js';

/** The JSON of a bench: docs/benchmarks.md describes it. Keys are never removed or renamed within a version. */
export interface BenchReport {
  schema_version: 1;
  sandboxctl: string;
  started_at: string;
  finished_at: string;
  /** Whether every method has run every problem. */
  complete: boolean;
  headline: {
    /** Of the fastest isolated method whose CPUs are known; null without one. */
    isolated_runs_per_second_per_core: number | null;
    method: string | null;
    dataset: string;
  };
  machine: MachineFacts;
  dataset: DatasetFacts;
  concurrency: number;
  baseline: string | null;
  methods: MethodReport[];
  agreement: AgreementReport;
  rounds: RoundReport[];
}

export interface MachineFacts {
  cpus: number;
  cpu_model: string;
  memory_bytes: number;
  kernel: string;
  node: string;
  /** The load of the last minute for each CPU, when the bench began: more than about 0.1 is other work. */
  load_per_cpu: number;
  tools: Record<string, string>;
}

export interface DatasetFacts {
  name: string;
  source: 'synthetic' | 'file';
  seed: number | null;
  sha256: string;
  problems: number;
  runs: number;
  languages: Record<string, number>;
  /** Lines that are no problem, and why. */
  rejected: { line: number; reason: string }[];
}

export interface MethodReport {
  name: string;
  about: string;
  isolated: boolean;
  cores: number | null;
  runs: number;
  wall_seconds: number;
  runs_per_second: number | null;
  runs_per_second_per_core: number | null;
  latency_ms: Latency;
  cpu_seconds: number | null;
  cpu_ms_per_run: number | null;
  peak_memory_bytes: number | null;
  /** Beside the baseline, over the rounds that both have finished: less than 1 is faster. */
  ratio: { wall: number | null; wall_least: number | null; wall_most: number | null; cpu: number | null };
  /** Of problems. */
  verdicts: Partial<Record<Verdict, number>>;
  sandbox_failures: { runs: number; retries: number; reasons: Record<string, number> };
  timeouts: { runs: number; contended: number; unproven: number };
  /** Problems whose verdict is not their label; null without labels. */
  unexpected: number | null;
}

export interface AgreementReport extends Agreement {
  agreeing: number;
}

export interface RoundReport {
  round: number;
  method: string;
  runs: number;
  wall_seconds: number;
  cpu_seconds: number | null;
}
