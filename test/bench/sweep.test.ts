import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Method } from '../../src/bench/methods/method.js';
import { runsOf } from '../../src/bench/problem.js';
import { measure } from '../../src/bench/sweep/measure.js';
import { bestOf } from '../../src/bench/sweep/report.js';
import { bestStep, nextConcurrency, type Step } from '../../src/bench/sweep/steps.js';
import type { Attempt } from '../../src/bench/verdict.js';
import { problem } from './problems.js';

const latency = { mean: 1, p50: 1, p90: 1, p99: 1, max: 1 };
const step = (concurrency: number, rate: number, failures = 0): Step => ({
  ...{ concurrency, runs: rate, runs_per_second: rate, latency_ms: latency, sandbox_failures: failures },
});

/** All that is tried on a server with this rate for each concurrency. */
function swept(rateOf: (concurrency: number) => number, failsFrom = Number.POSITIVE_INFINITY): Step[] {
  const steps: Step[] = [];
  for (let next = nextConcurrency(steps); next !== undefined; next = nextConcurrency(steps))
    steps.push(step(next, rateOf(next), next >= failsFrom ? 1 : 0));
  return steps;
}

test('a server with so many slots is tried a little beyond them, and no more at once are chosen', () => {
  const steps = swept((concurrency) => 10 * Math.min(concurrency, 8));
  expect(steps.map(({ concurrency }) => concurrency)).toEqual([1, 2, 4, 8, 16, 32]);
  expect(bestStep(steps)?.concurrency).toBe(8);
});

test('one step without a gain may be chance', () => {
  const rates: Record<number, number> = { 1: 10, 2: 10, 4: 40, 8: 40, 16: 40 };
  expect(bestStep(swept((concurrency) => rates[concurrency] ?? 40))?.concurrency).toBe(4);
});

test('a step with failures of the sandbox is the last, and never the best', () => {
  const steps = swept((concurrency) => 10 * concurrency, 8);
  expect(steps.at(-1)?.concurrency).toBe(8);
  expect(bestStep(steps)?.concurrency).toBe(4);
});

test('whatever the rates, a sweep ends, and the best is nearly the highest', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 1000 }), { minLength: 11, maxLength: 11 }), (rates) => {
      const steps = swept((concurrency) => rates[Math.log2(concurrency)] ?? 0);
      const highest = Math.max(...steps.map((each) => each.runs_per_second));
      if (highest > 0) expect((bestStep(steps)?.runs_per_second ?? 0) * 1.1).toBeGreaterThanOrEqual(highest);
    }),
  );
});

test('the best of several servers, and none where all fail', () => {
  const server = (name: string, steps: Step[]) => ({ name, about: '', cores: 2, steps });
  const servers = [
    server('a', [step(1, 10), step(2, 20)]),
    server('b', [step(1, 30)]),
    server('c', [step(1, 99, 1)]),
  ];
  expect(bestOf(servers)).toEqual({
    ...{ server: 'b', concurrency: 1, runs_per_second: 30, runs_per_second_per_core: 15 },
  });
  expect(bestOf([server('c', [step(1, 99, 1)])])).toBeNull();
});

test('a step counts what ends within its window, and failures apart', async () => {
  let now = 0;
  const attempts: Attempt['verdict'][] = ['accepted', 'sandbox failure', 'timeout', 'accepted', 'accepted'];
  const asked: string[] = [];
  const method: Pick<Method, 'run'> = {
    async run({ id }) {
      now += 300;
      asked.push(id);
      return { verdict: attempts.shift() ?? 'accepted', detail: '', retries: 0, doubt: null };
    },
  };
  const problems = [problem({ id: 'a' }), problem({ id: 'b' })];
  const { signal } = new AbortController();
  const load = { method: method as Method, problems, runs: runsOf(problems), concurrency: 1, signal };
  const measured = await measure({ ...load, windowMs: 1000, now: () => now });
  expect(asked).toEqual(['a', 'b', 'a', 'b']);
  expect(measured).toMatchObject({
    runs: 2,
    runs_per_second: 2,
    sandbox_failures: 1,
    latency_ms: { p50: 300 },
  });
});
