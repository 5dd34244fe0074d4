import { expect } from 'vitest';
import type { Result } from '../../cluster/execute.js';
import { until } from '../../cluster/hold.js';
import type { RunOptions } from '../../cluster/types.js';
import { follow } from '../../support/follow.js';
import type { Lab } from '../../support/lab.js';

/** Two answers a second apart settle what is gone, one server process is enough to prove a server, and idle ones need no drain. */
export const QUICK = { SANDBOXCTL_SETTLE: '1s', SANDBOXCTL_WORKERS: '1', SANDBOXCTL_DRAIN: '0' };

/** `deploy` with QUICK clocks. */
export function deploy(lab: Lab, argv: readonly string[], options: RunOptions = {}): Promise<Result> {
  return lab.deploy(argv, { ...options, env: { ...QUICK, ...options.env } });
}

/** A deploy that is under way: it has said `words` on stderr. */
export async function underWay(lab: Lab, argv: readonly string[], words: string, options: RunOptions = {}) {
  const child = lab.spawn(['sandboxctl', 'deploy', '--image', lab.image, ...argv], {
    ...options,
    env: { ...QUICK, ...options.env },
  });
  const { ended, line } = follow(child);
  await line(words);
  return { child, ended };
}

export async function stop(lab: Lab, fleet = 'sandbox', options: RunOptions = {}): Promise<void> {
  const stopped = await lab.sandboxctl(['stop', '--yes', '--fleet', fleet], {
    ...options,
    env: { ...QUICK, ...options.env },
  });
  expect(stopped.code, stopped.stderr).toBe(0);
}

/** Runs a command line as root and takes no failure. */
export async function asRoot(lab: Lab, where: string, command: string): Promise<string> {
  const argv = ['sh', '-euc', command];
  const options: RunOptions = { user: 'root', timeoutMs: 240_000 };
  const result = await (where === 'login' ? lab.run(argv, options) : lab.onNode(where, argv, options));
  expect(result.code, `${command}: ${result.stderr}`).toBe(0);
  return result.stdout;
}

export const urlsOf = ({ stdout }: Result): string[] => stdout.trim().split('\n').filter(Boolean);

export interface Endpoint {
  instance: number;
  url: string;
  host: string;
  port: number;
  node: string;
  job_id: string;
  state: string;
  reachable: boolean;
}

/** What `endpoints` prints. */
export async function endpoints(
  lab: Lab,
  argv: string[] = [],
  options: RunOptions = {},
): Promise<Endpoint[]> {
  const told = await lab.sandboxctl(['endpoints', ...argv], options);
  expect(told.code, told.stderr).toBe(0);
  return (JSON.parse(told.stdout) as { endpoints: Endpoint[] }).endpoints;
}

/** What a Python program prints on that server. */
export async function runCode(url: string, code: string): Promise<string | undefined> {
  const answer = await fetch(`${url}/run_code`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, language: 'python' }),
  });
  const body = (await answer.json()) as { run_result: { stdout: string } | null };
  return body.run_result?.stdout;
}

/** Ends every job of the cluster, whoever's, however the test before ended. */
export async function freeNodes(lab: Lab): Promise<void> {
  const jobs = async () => (await lab.run(['squeue', '-h', '-a', '-o', '%i'], { user: 'root' })).stdout;
  await Promise.all(lab.users.map(({ name }) => lab.run(['scancel', `--user=${name}`], { user: 'root' })));
  await until('an empty queue', async () => (await jobs()) === '');
}
