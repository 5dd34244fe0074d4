import { agreementOf, answersOf, type ProblemAnswer } from '../agreement.js';
import type { Method } from '../methods/method.js';
import { roundsOf } from '../plan.js';
import type { Problem, Verdict } from '../problem.js';
import type { RunResult, Segment } from '../results.js';
import { latencyOf, ratioOf, sum } from '../statistics.js';
import type { BenchReport, MethodReport, RoundReport } from './report.js';

export type MethodFacts = Pick<Method, 'name' | 'about' | 'isolated' | 'cores'>;

export interface Measured {
  problems: readonly Problem[];
  methods: readonly MethodFacts[];
  concurrency: number;
  segments: readonly Segment[];
  facts: Pick<BenchReport, 'sandboxctl' | 'started_at' | 'finished_at' | 'machine' | 'dataset'>;
}

const BASELINE = 'subprocess';

export function summarize({ problems, methods, concurrency, segments, facts }: Measured): BenchReport {
  const names = methods.map(({ name }) => name);
  const answers = answersOf(problems, names, segments);
  const agreement = agreementOf(problems, answers);
  const rounds = roundsReport(problems, concurrency, segments);
  const whole = roundsOf(problems, concurrency).map((runs) => runs.length);
  const reports = methods.map((method) =>
    methodReport(method, { problems, answers, segments, rounds, whole }),
  );
  const total = sum(whole);
  return {
    schema_version: 1,
    ...facts,
    complete: reports.every(({ runs }) => runs === total),
    headline: headlineOf(reports, facts.dataset.name),
    concurrency,
    baseline: names.includes(BASELINE) ? BASELINE : null,
    methods: reports,
    agreement: { ...agreement, agreeing: agreement.compared - agreement.disagreements.length },
    rounds,
  };
}

function headlineOf(methods: readonly MethodReport[], dataset: string): BenchReport['headline'] {
  const rateOf = (method: MethodReport | undefined) => method?.runs_per_second_per_core ?? null;
  const best = methods
    .filter((method) => method.isolated && rateOf(method) !== null)
    .reduce<MethodReport | undefined>(
      (first, each) => ((rateOf(each) ?? 0) > (rateOf(first) ?? 0) ? each : first),
      undefined,
    );
  return { isolated_runs_per_second_per_core: rateOf(best), method: best?.name ?? null, dataset };
}

/** An interrupted and resumed round has several segments. */
function roundsReport(
  problems: readonly Problem[],
  concurrency: number,
  segments: readonly Segment[],
): RoundReport[] {
  return roundsOf(problems, concurrency).flatMap((_, round) => {
    const here = segments.filter((each) => each.round === round);
    return [...new Set(here.map(({ method }) => method))].map((method): RoundReport => {
      const own = here.filter((each) => each.method === method);
      return {
        round,
        method,
        runs: sum(own.map(({ results }) => results.length)),
        wall_seconds: sum(own.map(({ wallMs }) => wallMs)) / 1000,
        cpu_seconds: totalOrNull(own.map(({ cpu }) => cpu)),
      };
    });
  });
}

interface All {
  problems: readonly Problem[];
  answers: readonly ProblemAnswer[][];
  segments: readonly Segment[];
  rounds: readonly RoundReport[];
  /** Runs of each round. */
  whole: readonly number[];
}

function methodReport({ name, about, isolated, cores }: MethodFacts, all: All): MethodReport {
  const segments = all.segments.filter(({ method }) => method === name);
  const results = segments.flatMap((segment) => segment.results);
  const wall = sum(segments.map(({ wallMs }) => wallMs)) / 1000;
  const cpu = totalOrNull(segments.map((segment) => segment.cpu));
  const peaks = segments.flatMap(({ peak }) => peak ?? []);
  // Runs that the sandbox failed do not count as done.
  const ran = results.filter(({ verdict }) => verdict !== 'sandbox failure');
  const rate = ratioOf(ran.length, wall);
  return {
    ...{ name, about, isolated, cores },
    runs: results.length,
    wall_seconds: wall,
    runs_per_second: rate,
    runs_per_second_per_core: ratioOf(rate, cores),
    latency_ms: latencyOf(ran.map(({ ms }) => ms)),
    cpu_seconds: cpu,
    cpu_ms_per_run: cpu === null ? null : ratioOf(cpu * 1000, ran.length),
    peak_memory_bytes: peaks.length === 0 ? null : Math.max(...peaks),
    ratio: ratiosOf(name, all),
    ...problemCounts(name, all),
    sandbox_failures: failuresOf(results),
    timeouts: timeoutsOf(results),
  };
}

function ratiosOf(name: string, { rounds, whole }: All): MethodReport['ratio'] {
  const pairs = whole.flatMap((runs, round) => {
    const of = (method: string) =>
      rounds.find((each) => each.round === round && each.method === method && each.runs === runs);
    const [own, base] = [of(name), of(BASELINE)];
    return own === undefined || base === undefined ? [] : [{ own, base }];
  });
  const each = pairs.flatMap(({ own, base }) => ratioOf(own.wall_seconds, base.wall_seconds) ?? []);
  const total = (values: readonly (number | null)[]) => totalOrNull(values);
  return {
    wall: ratioOf(
      sum(pairs.map(({ own }) => own.wall_seconds)),
      sum(pairs.map(({ base }) => base.wall_seconds)),
    ),
    wall_least: each.length === 0 ? null : Math.min(...each),
    wall_most: each.length === 0 ? null : Math.max(...each),
    cpu: ratioOf(
      total(pairs.map(({ own }) => own.cpu_seconds)),
      total(pairs.map(({ base }) => base.cpu_seconds)),
    ),
  };
}

function problemCounts(
  name: string,
  { problems, answers }: All,
): Pick<MethodReport, 'verdicts' | 'unexpected'> {
  const verdicts: Partial<Record<Verdict, number>> = {};
  let [labelled, unexpected] = [0, 0];
  for (const [index, all] of answers.entries()) {
    const own = all.find(({ method }) => method === name);
    if (own === undefined) continue;
    verdicts[own.verdict] = (verdicts[own.verdict] ?? 0) + 1;
    const label = problems[index]?.label ?? null;
    if (label === null) continue;
    labelled += 1;
    if (own.verdict !== label && own.verdict !== 'sandbox failure') unexpected += 1;
  }
  return { verdicts, unexpected: labelled === 0 ? null : unexpected };
}

function failuresOf(results: readonly RunResult[]): MethodReport['sandbox_failures'] {
  const failed = results.filter(({ verdict }) => verdict === 'sandbox failure');
  const reasons: Record<string, number> = {};
  for (const { detail } of failed) reasons[detail] = (reasons[detail] ?? 0) + 1;
  return { runs: failed.length, retries: sum(results.map(({ retries }) => retries)), reasons };
}

function timeoutsOf(results: readonly RunResult[]): MethodReport['timeouts'] {
  const timeouts = results.filter(({ verdict }) => verdict === 'timeout');
  const count = (doubt: RunResult['doubt']) => timeouts.filter((each) => each.doubt === doubt).length;
  return { runs: timeouts.length, contended: count('contended'), unproven: count('unproven') };
}

/** Null if one of them is: a sum of the others would be too small. */
function totalOrNull(values: readonly (number | null)[]): number | null {
  return values.length === 0 || values.includes(null) ? null : sum(values.map((value) => value ?? 0));
}
