import { expect, test } from 'vitest';
import type { Problem, Verdict } from '../../src/bench/problem.js';
import { summarize } from '../../src/bench/report/summarize.js';
import type { RunResult, Segment } from '../../src/bench/results.js';
import { problem } from './problems.js';

const problems = ['a', 'b', 'c'].map((id) => problem({ id, label: 'accepted' }));
const methods = ['subprocess', 'lite'].map((name) => ({
  ...{ name, about: '', isolated: name === 'lite', cores: 2 },
}));

function result(index: number, verdict: Verdict, rest: Partial<RunResult> = {}): RunResult {
  return { problem: index, testCase: 0, verdict, detail: '', retries: 0, doubt: null, ms: 10, ...rest };
}

/** With three problems and one run at once there are three rounds, of one run each. */
function segment(
  method: string,
  results: RunResult[],
  wallMs: number,
  rest: Partial<Segment> = {},
): Segment[] {
  return results.map((each) => ({
    ...{ method, round: each.problem, wallMs, cpu: 0.5, peak: 100, results: [each] },
    ...rest,
  }));
}

function summary(segments: Segment[], all: Problem[] = problems) {
  const facts = {
    ...{ sandboxctl: '0', started_at: '', finished_at: '' },
    machine: { cpus: 2, cpu_model: '', memory_bytes: 1, kernel: '', node: '', load_per_cpu: 0, tools: {} },
    dataset: {
      ...{ name: 'set', source: 'file' as const, seed: null, sha256: '' },
      ...{ problems: all.length, runs: all.length, languages: {}, rejected: [] },
    },
  };
  return summarize({ problems: all, methods, concurrency: 1, segments, facts });
}

const accepted = [0, 1, 2].map((index) => result(index, 'accepted'));

test('rates, ratios and the headline', () => {
  const report = summary([
    ...segment('subprocess', accepted, 100),
    ...segment('lite', accepted, 150, { cpu: 1 }),
  ]);
  const [base, lite] = report.methods;
  expect(base).toMatchObject({ runs_per_second: 10, ratio: { wall: 1, cpu: 1 }, verdicts: { accepted: 3 } });
  expect(lite?.ratio).toEqual({
    ...{ wall: expect.closeTo(1.5), wall_least: expect.closeTo(1.5), wall_most: expect.closeTo(1.5) },
    cpu: 2,
  });
  expect(lite?.runs_per_second_per_core).toBeCloseTo(20 / 3 / 2);
  expect(report.headline).toEqual({
    isolated_runs_per_second_per_core: lite?.runs_per_second_per_core,
    method: 'lite',
    dataset: 'set',
  });
  expect(report).toMatchObject({ complete: true, baseline: 'subprocess' });
  expect(report.agreement).toEqual({ compared: 3, agreeing: 3, disagreements: [] });
});

test('an interrupted bench compares the rounds that both have finished', () => {
  const report = summary([
    ...segment('subprocess', accepted.slice(0, 2), 100),
    ...segment('lite', accepted.slice(0, 1), 300),
  ]);
  expect(report.complete).toBe(false);
  expect(report.methods[1]?.ratio.wall).toBeCloseTo(3);
  expect(report.agreement.compared).toBe(1);
});

test('a disagreement has both answers; where a timeout was the machine’s it says so', () => {
  const report = summary([
    ...segment('subprocess', [result(0, 'timeout', { doubt: 'contended' }), accepted[1] as RunResult], 100),
    ...segment('lite', [result(0, 'accepted'), result(1, 'failed', { detail: 'exit code 1' })], 100),
  ]);
  expect(report.agreement.disagreements).toEqual([
    expect.objectContaining({ problem: 'a', doubtful: true }),
    {
      problem: 'b',
      line: null,
      doubtful: false,
      answers: [
        { method: 'subprocess', verdict: 'accepted', detail: '', doubt: null },
        { method: 'lite', verdict: 'failed', detail: 'exit code 1', doubt: null },
      ],
    },
  ]);
  expect(report.methods[0]?.timeouts).toEqual({ runs: 1, contended: 1, unproven: 0 });
  expect(report.methods.map(({ unexpected }) => unexpected)).toEqual([1, 1]);
});

test('a failure of the sandbox is no verdict, no run that was done, and never a disagreement', () => {
  const failure = result(0, 'sandbox failure', { detail: 'HTTP 500', retries: 2 });
  const report = summary([
    ...segment('subprocess', [accepted[0] as RunResult], 100),
    ...segment('lite', [failure], 100),
  ]);
  expect(report.agreement).toEqual({ compared: 0, agreeing: 0, disagreements: [] });
  expect(report.methods[1]).toMatchObject({
    runs_per_second: 0,
    sandbox_failures: { runs: 1, retries: 2, reasons: { 'HTTP 500': 1 } },
    unexpected: 0,
  });
});

test('what nobody could measure is null, not nothing', () => {
  const report = summary(segment('lite', accepted, 100, { cpu: null, peak: null }));
  expect(report.methods[1]).toMatchObject({
    ...{ cpu_seconds: null, cpu_ms_per_run: null, peak_memory_bytes: null },
    ratio: { wall: null, wall_least: null, wall_most: null, cpu: null },
  });
});
