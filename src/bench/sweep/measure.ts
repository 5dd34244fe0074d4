import type { Method } from '../methods/method.js';
import type { Problem, Run } from '../problem.js';
import { latencyOf } from '../statistics.js';
import type { Step } from './steps.js';

export interface Load {
  method: Method;
  problems: readonly Problem[];
  /** The runs, which begin again when all are done. */
  runs: readonly Run[];
  concurrency: number;
  /** Milliseconds of load; runs that have begun then still end, and do not count. */
  windowMs: number;
  signal: AbortSignal;
  now(): number;
}

/** Keeps so many programs running at once, and says how many end a second. */
export async function measure(load: Load): Promise<Step> {
  const { method, problems, runs, concurrency, windowMs, signal, now } = load;
  const times: number[] = [];
  let [next, failures] = [0, 0];
  const until = now() + windowMs;
  const worker = async () => {
    while (now() < until && !signal.aborted) {
      const { problem: index, testCase } = runs[next++ % runs.length] as Run;
      const problem = problems[index] as Problem;
      const from = now();
      const { verdict } = await method.run(
        problem,
        problem.cases[testCase] as Problem['cases'][number],
        signal,
      );
      if (verdict === 'sandbox failure') failures += 1;
      else if (now() <= until) times.push(now() - from);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return {
    concurrency,
    runs: times.length,
    runs_per_second: times.length / (windowMs / 1000),
    latency_ms: latencyOf(times),
    sandbox_failures: failures,
  };
}
