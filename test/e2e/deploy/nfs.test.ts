/** @module-tag matrix */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Result } from '../../cluster/execute.js';
import { until } from '../../cluster/hold.js';
import { type Lab, readJson, startLab } from '../../support/lab.js';
import { QUICK } from './user.js';

/**
 * Seconds: longer than these tests. What a side once knew as missing or as old it never forgets by
 * itself, so what works here works by opening and listing, and waits for no memory of NFS to end.
 */
const REMEMBERED = 600;
const ENV = QUICK;

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ nodes: 3, sharedRemembered: REMEMBERED });
});
afterAll(() => lab?.down());

const onLogin = (...argv: string[]): Promise<Result> => lab.sandboxctl(argv, { env: ENV });

/** On node3, as on a second login node: another host, with a view of its own. */
const onSecond = (...argv: string[]): Promise<Result> => second('exec "$@"', 'sandboxctl', ...argv);
const second = (script: string, ...argv: string[]): Promise<Result> =>
  lab.onNode('node3', ['bash', '-c', script, 'bash', ...argv], {
    env: { ...lab.env, ...ENV },
    timeoutMs: 240_000,
  });
const deploy = (...argv: string[]): string[] => ['deploy', '--image', lab.image, ...argv];
const urlsOf = ({ stdout }: Result): string[] => stdout.trim().split('\n').sort();

test('on NFS, commands that asked too early find the fleet once it exists, and jobs find the state folder', async () => {
  for (const { name } of lab.nodes) {
    const early = await lab.onNode(name, ['sandboxctl', 'endpoints'], { env: lab.env });
    expect(early.code).toBe(7);
  }
  const deployed = await onLogin(...deploy('--nodes', '2'));
  expect(deployed.stderr).not.toContain('error:');
  expect(urlsOf(deployed)).toHaveLength(2);
  const told = await onSecond('endpoints', '--format', 'txt');
  expect(urlsOf(told)).toEqual(urlsOf(deployed));
  expect((await onSecond('status')).stdout).toContain('2 of 2 ready');
});

test('on NFS, a second host adds servers and the first one sees them', async () => {
  const watch = lab.spawn(['sandboxctl', 'endpoints', '--watch'], { env: ENV });
  let seen = '';
  watch.stdout?.on('data', (chunk: Buffer) => {
    seen += chunk;
  });
  await until('the two that are there', () => seen.split('\n').length === 3);
  const deployed = await onSecond(...deploy('--nodes', '3'));
  expect(deployed.code).toBe(0);
  expect(urlsOf(deployed)).toHaveLength(3);
  const third = await until('the third', () => /^.*"instance":2,.*$/m.exec(seen)?.[0]);
  expect(JSON.parse(third)).toMatchObject({ type: 'endpoints', state: 'ready', node: 'node3' });
  watch.kill('SIGINT');
  expect(await onLogin('endpoints', '--format', 'txt').then(urlsOf)).toEqual(urlsOf(deployed));
});

test('on NFS, logs -f prints a log that another host writes', async () => {
  const job = (
    await readJson<{ endpoints: { job_id: string; url: string }[] }>(
      lab.state('fleets/sandbox/endpoints.json'),
    )
  ).endpoints[0];
  const follow = lab.spawn(['sandboxctl', 'logs', job?.job_id ?? '', '-f', '-n', '1'], { env: ENV });
  let seen = '';
  follow.stdout?.on('data', (chunk: Buffer) => {
    seen += chunk;
  });
  await until('its beginning', () => seen !== '');
  await fetch(`${job?.url}/run_code`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: 'print("of this test")', language: 'python' }),
  });
  await until('the line', () => seen.includes('of this test'));
  follow.kill('SIGINT');
});

test('on NFS, a fleet that one host stopped is stopped on the other', async () => {
  expect((await onLogin('stop', '--yes')).code).toBe(0);
  expect(JSON.parse((await onSecond('endpoints')).stdout)).toMatchObject({ endpoints: [] });
});

test('on NFS, logs -f waits for a job of another host and prints its log from the first line', {}, async () => {
  const [, other] = lab.users;
  const blocker = [
    'sbatch',
    '--parsable',
    '--exclusive',
    '-w',
    'node1',
    '-o',
    '/dev/null',
    '--wrap',
    'sleep 600',
  ];
  const { stdout: blocking } = await lab.run(blocker, { user: other });
  const deploying = onSecond(...deploy('--nodes', '1', '--nodelist', 'node1'));
  const job = await until('the job', async () => {
    const { stdout } = await lab.run(['squeue', '-h', '-r', '-o', '%i', '--me']);
    return stdout.trim();
  });
  const follow = lab.spawn(['sandboxctl', 'logs', job, '-f'], { env: ENV });
  let [seen, told] = ['', ''];
  follow.stdout?.on('data', (chunk: Buffer) => {
    seen += chunk;
  });
  follow.stderr?.on('data', (chunk: Buffer) => {
    told += chunk;
  });
  await until('it waits', () => told.includes('waiting for'));
  await lab.run(['scancel', blocking.trim()], { user: other });
  expect((await deploying).code).toBe(0);
  await until('the first line', () => seen.includes(`is job ${job} on node1`));
  const ended = new Promise((resolve) => follow.once('exit', resolve));
  expect((await onSecond('stop', '--yes')).code).toBe(0);
  expect(await ended).toBe(0);
});

test('on NFS, of two hosts that deploy at once one exits with 8, and can take over once the other is dead', {}, async () => {
  const [, other] = lab.users;
  const blocker = [
    'sbatch',
    '--parsable',
    '--exclusive',
    '-N',
    '3',
    '-o',
    '/dev/null',
    '--wrap',
    'sleep 600',
  ];
  const { stdout: blocking } = await lab.run(blocker, { user: other });
  // Known as missing on both sides, as after a stop on the one and the other.
  for (const side of [lab.run, lab.onNode.bind(lab, 'node3')]) {
    await side(['cat', lab.state('fleets/sandbox/lock')]);
  }
  const holding = second('echo $$ >holder; exec "$@"', 'sandboxctl', ...deploy('--nodes', '2'));
  await until(
    'its jobs',
    async () => (await lab.run(['squeue', '-h', '-r', '--me'])).stdout.split('\n').length === 3,
  );
  for (let round = 0; round < 2; round++) {
    const refused = await onLogin(...deploy('--nodes', '2'));
    expect(refused.code).toBe(8);
    expect(refused.stderr).toMatch(/deploy by sbxa, pid \d+ on node3/);
  }
  await second('kill -KILL "$(cat holder)"');
  expect((await holding).signal ?? 'SIGKILL').toBe('SIGKILL');
  const killed = performance.now();
  const takingOver = onLogin(...deploy('--nodes', '2'));
  await lab.run(['scancel', blocking.trim()], { user: other });
  const took = await takingOver;
  expect(took.code).toBe(0);
  // Not a bound on how fast: a lock that stood still for less is not dead.
  expect(performance.now() - killed).toBeGreaterThan(6_000);
  expect(took.stderr).not.toContain('submitted');
  expect(urlsOf(took)).toHaveLength(2);
  expect((await onLogin('stop', '--yes')).code).toBe(0);
});
