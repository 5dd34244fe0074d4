/** @module-tag matrix */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BenchReport } from '../../../src/bench/report/report.js';
import type { SweepReport } from '../../../src/bench/sweep/report.js';
import { sandboxctl } from '../../cli/run.js';

let folder: string;
let env: Record<string, string>;
const run = (...args: string[]) => sandboxctl(args, { env, cwd: folder });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-fleet-'));
  env = { SANDBOXCTL_STATE_DIR: join(folder, 'state') };
  const { code, stderr } = await run(
    'deploy',
    '--cluster',
    'local',
    '--nodes',
    '1',
    '--fleet',
    'measured',
    '--yes',
  );
  expect([code, stderr]).toEqual([0, expect.any(String)]);
});
afterAll(async () => {
  await run('stop', '--fleet', 'measured', '--yes');
  await rm(folder, { recursive: true });
});

test('a fleet that is named is one more method, and agrees', async () => {
  const words = ['--method', 'lite', '--fleet', 'measured', '--json'];
  const { code, stdout } = await run('bench', 'leetcode-8', ...words);
  const report = JSON.parse(stdout) as BenchReport;
  expect([code, report.methods.map(({ name }) => name)]).toEqual([0, ['lite', 'fleet']]);
  expect(report.methods[1]).toMatchObject({
    ...{ runs: 8, isolated: true, unexpected: 0, cores: expect.any(Number), cpu_seconds: null },
    sandbox_failures: { runs: 0 },
  });
  expect(report.agreement).toMatchObject({ compared: 8, agreeing: 8 });
});

test('a sweep of a fleet names the best number at once', async () => {
  const words = ['--sweep', '--fleet', 'measured', '--method', 'fleet', '--json'];
  const { code, stdout } = await run('bench', 'hello-10', ...words);
  const report = JSON.parse(stdout) as SweepReport;
  expect(code).toBe(0);
  expect(report).toMatchObject({ complete: true, servers: [{ name: 'fleet' }], best: { server: 'fleet' } });
  expect(report.servers[0]?.steps.map(({ concurrency }) => concurrency).slice(0, 3)).toEqual([1, 2, 4]);
});

test('a fleet that is not there is an error, and nothing is run', async () => {
  const { code, stdout, stderr } = await run('bench', 'hello-2', '--method', 'fleet', '--fleet', 'other');
  expect([code, stdout]).toEqual([7, '']);
  expect(stderr).toContain("nothing is deployed under the name 'other'");
});
