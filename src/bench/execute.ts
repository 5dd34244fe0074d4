import type { Method } from './methods/method.js';
import { orderIn, roundsOf } from './plan.js';
import type { Problem, Run } from './problem.js';
import { leftOf, type RunResult, type Segment } from './results.js';
import { startMeter } from './usage/meter.js';

export interface BenchWork {
  problems: readonly Problem[];
  methods: readonly Method[];
  concurrency: number;
  /** What an earlier bench has done already. */
  done: readonly Segment[];
  signal: AbortSignal;
  now(): number;
  onSegmentStart(segment: Pick<Segment, 'method' | 'round'>, rounds: number): void;
  onRun(method: string): void;
  onSegment(segment: Segment): Promise<void>;
}

/**
 * Runs every problem by every method, and resolves with the segments of this bench and of the earlier one. When
 * `signal` fires, the runs under way are dropped; what has been done until then is in the last segment.
 */
export async function execute(work: BenchWork): Promise<Segment[]> {
  const segments = [...work.done];
  const rounds = roundsOf(work.problems, work.concurrency);
  for (const [round, runs] of rounds.entries()) {
    for (const method of orderIn(work.methods, round)) {
      if (work.signal.aborted) return segments;
      const left = leftOf(runs, segments, method.name);
      if (left.length === 0) continue;
      work.onSegmentStart({ method: method.name, round }, rounds.length);
      const segment = await runSegment(work, method, round, left);
      segments.push(segment);
      await work.onSegment(segment);
    }
  }
  return segments;
}

async function runSegment(
  work: BenchWork,
  method: Method,
  round: number,
  runs: readonly Run[],
): Promise<Segment> {
  const results: RunResult[] = [];
  const queue = runs.values();
  const servers = new Set(
    work.methods.flatMap(({ root }) => (typeof root === 'object' && root ? [root.pid] : [])),
  );
  const stopMeter = startMeter(method.root, servers);
  const startedAt = work.now();
  const worker = async () => {
    for (const run of queue) {
      if (work.signal.aborted) return;
      const result = await runOnce(work, method, run);
      if (result === undefined) return;
      results.push(result);
      work.onRun(method.name);
    }
  };
  await Promise.all(Array.from({ length: work.concurrency }, worker));
  const wallMs = work.now() - startedAt;
  const measured = { method: method.name, round, wallMs, ...stopMeter() };
  return {
    ...measured,
    results: work.signal.aborted ? results : ((await method.settle?.(results)) ?? results),
  };
}

/** Undefined if `signal` ended it. */
async function runOnce(work: BenchWork, method: Method, run: Run): Promise<RunResult | undefined> {
  const problem = work.problems[run.problem] as Problem;
  const testCase = problem.cases[run.testCase] as Problem['cases'][number];
  const from = work.now();
  try {
    const attempt = await method.run(problem, testCase, work.signal);
    return { ...run, ...attempt, ms: work.now() - from };
  } catch (error) {
    if (work.signal.aborted) return undefined;
    throw error;
  }
}
