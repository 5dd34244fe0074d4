import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BenchReport } from '../../../src/bench/report/report.js';
import { childrenOf, read } from '../../../src/sandbox/process/tree.js';
import { sandboxctl } from '../../cli/run.js';
import { follow } from '../../support/follow.js';
import { until } from '../../support/until.js';
import { serveCli } from '../serve/server.js';

let folder: string;
let env: Record<string, string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-'));
  env = { SANDBOXCTL_STATE_DIR: join(folder, 'state') };
});
afterAll(() => rm(folder, { recursive: true }));

const bench = (...args: string[]) => sandboxctl(['bench', ...args], { env, cwd: folder });
const CLI = new URL('../../../bin/sandboxctl.js', import.meta.url).pathname;

test('every method runs every problem of a synthetic set, and all agree', async () => {
  const words = ['--method', 'subprocess', '--method', 'lite', '--seed', '2', '--json'];
  const { code, stdout, stderr } = await bench('leetcode-12', ...words);
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

test('a file: mistakes by line, programs without isolation only when confirmed, disagreements with both answers', async () => {
  // Only programs of a server have this variable.
  const inServer = 'import os; print("TMPDIR" in os.environ or os.getcwd().startswith("/tmp/tmp"))';
  const lines = [
    { id: 'fine', code: 'print(1)', expected_output: '1' },
    { id: 'odd', code: inServer, expected_output: 'True' },
    { id: 'nothing' },
  ];
  const file = join(folder, 'problems.jsonl');
  await writeFile(file, `${lines.map((line) => JSON.stringify(line)).join('\n')}\nnot json\n`);
  const asked = await bench('problems.jsonl', '--method', 'subprocess');
  expect([asked.code, asked.stdout]).toEqual([2, '']);
  expect(asked.stderr).toContain('--yes');

  const { code, stdout, stderr } = await bench(
    'problems.jsonl',
    '--yes',
    '--method',
    'subprocess',
    '--method',
    'lite',
  );
  expect(code).toBe(5);
  expect(stderr).toContain('problems.jsonl:3: no code: none of code');
  expect(stderr).toContain('problems.jsonl:4: not JSON');
  expect(stderr).toContain('error: the methods disagree on 1 of 2 problems');
  expect(stdout).toContain('same verdict by all methods: 1 of 2 problems');
  expect(stdout).toContain(
    '  odd (line 2)\n    subprocess: wrong answer, printed "False\\n"\n    lite: accepted\n',
  );
  expect(stdout).toContain('2 lines of problems.jsonl without a valid problem were left out');
});

test('servers by URL: what they fail is no verdict, and no run that was done', async () => {
  const server = await serveCli(['--isolation', 'none']);
  try {
    const file = join(folder, 'some.jsonl.gz');
    await writeFile(
      file,
      gzipSync(
        ['python', 'cpp', 'sql']
          .map((language) =>
            JSON.stringify({
              code: language === 'cpp' ? 'int main(){}' : 'x=1',
              language,
              expected_output: '',
            }),
          )
          .join('\n'),
      ),
    );
    const words = ['--method', 'lite', '--endpoint', `mine=${server.url}/run_code`, '--json'];
    const { code, stdout } = await bench('some.jsonl.gz', ...words);
    const report = JSON.parse(stdout) as BenchReport;
    expect([code, report.methods.map(({ name }) => name)]).toEqual([0, ['lite', 'mine']]);
    expect(report.methods[1]).toMatchObject({
      about: `${server.url}, isolation none`,
      ...{ runs: 3, isolated: false, cpu_seconds: null, verdicts: { accepted: 2, 'sandbox failure': 1 } },
      sandbox_failures: { runs: 1 },
    });
    expect(report.agreement).toMatchObject({ compared: 2, agreeing: 2 });
  } finally {
    await server.stop();
  }
});

test('killed, it leaves no server; interrupted, it reports what it has; --resume does only the rest', async () => {
  const words = [
    'bench',
    'hello-96',
    '--method',
    'subprocess',
    '--method',
    'lite',
    '--concurrency',
    '1',
    '--json',
  ];
  const killed = spawn(process.execPath, [CLI, ...words], { env: { ...process.env, ...env }, cwd: folder });
  await follow(killed).line(/round 2 of/);
  // The programs that it runs as plain subprocesses are there for a moment each.
  const servers = childrenOf(killed.pid ?? 0).filter((pid) => /serve/.test(read(`/proc/${pid}/cmdline`)));
  expect(servers).toHaveLength(1);
  killed.kill('SIGKILL');
  await until('its server ends', () => servers.every((pid) => !existsSync(`/proc/${pid}`)));

  const child = spawn(process.execPath, [CLI, ...words, '--resume'], {
    env: { ...process.env, ...env },
    cwd: folder,
  });
  const first = follow(child);
  await first.line(/round 2 of/);
  child.kill('SIGINT');
  const ended = await first.ended;
  expect(ended.code).toBe(130);
  const partial = JSON.parse(ended.stdout) as BenchReport;
  expect(partial.complete).toBe(false);
  const done = partial.methods.reduce((sum, { runs }) => sum + runs, 0);
  expect(done).toBeGreaterThan(0);
  expect(ended.stderr).toContain('--resume continues it');

  const { code, stdout, stderr } = await sandboxctl([...words, '--resume'], { env, cwd: folder });
  expect([code, stderr]).toEqual([0, expect.stringContaining(`continuing after ${done} runs`)]);
  expect(stderr).toContain(`: ${done} of 192 runs`);
  const report = JSON.parse(stdout) as BenchReport;
  expect(report).toMatchObject({ complete: true, started_at: partial.started_at });
  expect(report.methods.map(({ runs }) => runs)).toEqual([96, 96]);
});
