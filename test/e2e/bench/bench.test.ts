import { expect, test } from 'vitest';
import type { BenchReport } from '../../../src/bench/report/report.js';
import { sandboxctl } from '../../cli/run.js';

test('a bench of a synthetic set: every method runs every problem, and all agree', async () => {
  const words = ['--method', 'subprocess', '--method', 'lite', '--seed', '2', '--json'];
  const { code, stdout, stderr } = await sandboxctl(['bench', 'leetcode-12', ...words]);
  expect([code, stderr]).toEqual([0, expect.stringContaining('round 1 of 3, subprocess: 0 of 24 runs')]);
  const report = JSON.parse(stdout) as BenchReport;
  expect(report).toMatchObject({
    schema_version: 1,
    complete: true,
    baseline: 'subprocess',
    dataset: { name: 'leetcode-12', source: 'synthetic', seed: 2, problems: 12, runs: 12 },
    agreement: { compared: 12, agreeing: 12, disagreements: [] },
    headline: { method: 'lite', dataset: 'leetcode-12' },
  });
  for (const method of report.methods) {
    expect(method).toMatchObject({ runs: 12, unexpected: 0, sandbox_failures: { runs: 0 } });
    expect(method.cpu_seconds).toBeGreaterThan(0);
    expect(method.peak_memory_bytes).toBeGreaterThan(0);
    expect(method.ratio.wall).toBeGreaterThan(0);
  }
});
