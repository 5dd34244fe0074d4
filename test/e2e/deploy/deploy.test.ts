import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, readJson, startLab } from '../../support/lab.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab?.down());

async function runCode(url: string, code: string): Promise<string | undefined> {
  const answer = await fetch(`${url}/run_code`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, language: 'python' }),
  });
  const body = (await answer.json()) as { run_result: { stdout: string } | null };
  return body.run_result?.stdout;
}

test('deploy prints the URLs of servers that run programs, and endpoints prints them again', async () => {
  const deployed = await lab.deploy(['--nodes', '4', '--partition', 'cpuonly']);
  expect(deployed.stderr).not.toContain('error:');
  expect(deployed.code).toBe(0);
  const urls = deployed.stdout.trim().split('\n');
  expect(new Set(urls).size).toBe(4);
  for (const url of urls) expect(await runCode(url, 'print(6 * 7)')).toBe('42\n');

  const endpoints = await lab.sandboxctl(['endpoints']);
  const file = JSON.parse(endpoints.stdout) as {
    endpoints: { url: string; state: string; reachable: boolean }[];
  };
  expect(file.endpoints.map((endpoint) => endpoint.url).sort()).toEqual(urls.sort());
  expect(file.endpoints.every((endpoint) => endpoint.state === 'ready' && endpoint.reachable)).toBe(true);
});

test('a second deploy of the same spec changes nothing', async () => {
  const before = await readJson<{ generation: number }>(lab.state('fleets/sandbox/spec.json'));
  const again = await lab.deploy(['--nodes', '4', '--partition', 'cpuonly']);
  expect(again.code).toBe(0);
  expect(again.stderr).not.toContain('submitted');
  const after = await readJson<{ generation: number }>(lab.state('fleets/sandbox/spec.json'));
  expect(after.generation).toBe(before.generation);
});

test('stop cancels only the jobs of this fleet', async () => {
  const [, other] = lab.users;
  const theirs = await lab.run(['sbatch', '--parsable', '--wrap', 'sleep 600', '-o', '/dev/null'], {
    user: other,
  });
  const mine = await lab.run(['sbatch', '--parsable', '--wrap', 'sleep 600', '-o', '/dev/null']);
  const stopped = await lab.sandboxctl(['stop', '--yes']);
  expect(stopped.code).toBe(0);
  const left = await lab.run(['squeue', '-h', '-o', '%i']);
  expect(left.stdout.trim().split('\n').sort()).toEqual([theirs.stdout.trim(), mine.stdout.trim()].sort());
  const again = await lab.sandboxctl(['stop', '--yes']);
  expect(again.code).toBe(0);
});
