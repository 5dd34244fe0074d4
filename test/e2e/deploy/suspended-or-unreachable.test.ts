/** @module-tag matrix */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../cluster/hold.js';
import { type Lab, startLab } from '../../support/lab.js';
import { errorOf } from './error-output.js';
import { SHARED } from './site.js';
import { asRoot, deploy, endpoints, QUICK, underWay } from './user.js';

const TWO = ['--nodes', '2', ...SHARED];

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ nodes: 1, runtime: 'embedded' });
  const deployed = await deploy(lab, TWO);
  expect(deployed.code, deployed.stderr).toBe(0);
});
afterAll(() => lab?.down());

const sandboxctl = (...argv: string[]) => lab.sandboxctl(argv, { env: QUICK });
const status = async () => {
  const told = await sandboxctl('status', '--json');
  return (JSON.parse(told.stdout) as { fleets: { instances: Seen[] }[] }).fleets[0]?.instances ?? [];
};
interface Seen {
  state: string;
  reachable: boolean | null;
  reason: string | null;
  job_id: string;
}

/** Ends what a test did to the first server, and waits until both are ready again. */
async function mended(command: string): Promise<void> {
  await asRoot(lab, 'login', command);
  await until('both are ready', async () => (await status()).every(({ state }) => state === 'ready'));
}

describe('a job that Slurm suspends', () => {
  let job: string;
  beforeAll(async () => {
    job = (await endpoints(lab))[0]?.job_id ?? '';
    await asRoot(lab, 'login', `scontrol suspend ${job}`);
  });

  test('is not ready, for Slurm’s reason, in status and endpoints --check', async () => {
    expect((await status()).map(({ state, reason }) => [state, reason])).toEqual([
      ['unhealthy', 'suspended by Slurm'],
      ['ready', null],
    ]);
    const checked = await endpoints(lab, ['--check'], { env: QUICK });
    expect(checked.map(({ instance }) => instance)).toEqual([1]);
  });

  test('makes deploy wait until its timeout, while clients get the other server', {}, async () => {
    const file = join(lab.users[0].home, 'clients.txt');
    const again = await deploy(lab, [...TWO, '--timeout', '5s', '--client-config', file]);
    const said = errorOf(again);
    expect(said).toMatchObject({ code: 6, words: `job ${job}: suspended by Slurm` });
    expect(said.hint).toContain(`scontrol resume ${job}`);
    const [other, ...rest] = await endpoints(lab);
    expect(rest).toEqual([]);
    expect(await readFile(file, 'utf8')).toBe(`${other?.url}\n`);
    const ran = await lab.sandboxctl(['run', '--language', 'python'], { input: 'print(6 * 7)' });
    expect(ran).toMatchObject({ code: 0, stdout: '42\n' });
  });

  test('is ready again once it is resumed, also for a waiting deploy', async () => {
    const waiting = await underWay(lab, TWO, 'suspended by Slurm');
    await asRoot(lab, 'login', `scontrol resume ${job}`);
    const ended = await waiting.ended;
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stdout.trim().split('\n')).toHaveLength(2);
    expect(ended.stderr).not.toContain('submitted');
  });
});

describe('a server that accepts connections but never answers', () => {
  // The jobs of other clusters run on this machine, too; the brackets keep the shell that asks out of it.
  const server = () => `$(pgrep -f '${lab.name}/opt/.* [s]erve --listen 0.0.0.0:8080')`;
  afterEach(() => mended(`kill -CONT ${server()}`));

  test('is not ready, whatever its registration says', async () => {
    await asRoot(lab, 'login', `kill -STOP ${server()}`);
    const seen = (await status()).filter(({ state }) => state !== 'ready');
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ state: 'unhealthy', reason: expect.stringMatching(/canary|no answer/) });
    expect(await endpoints(lab, ['--check'], { env: QUICK })).toHaveLength(1);
  });
});

describe('servers that this machine cannot reach', () => {
  const script = () => `$(pgrep -f '${lab.name}/nodes/node1/spool/.*[s]lurm_script')`;
  beforeAll(() => lab.reach('node1', false));
  afterAll(() => lab.reach('node1', true));

  test('are ready as long as their jobs refresh their registrations', async () => {
    expect((await status()).map(({ state, reachable }) => [state, reachable])).toEqual([
      ['ready', false],
      ['ready', false],
    ]);
  });

  test('are not ready once their registrations are stale', async () => {
    await asRoot(lab, 'login', `kill -STOP ${script()}`);
    const seen = await status();
    await asRoot(lab, 'login', `kill -CONT ${script()}`);
    expect(seen.map(({ state }) => state)).toEqual(['unhealthy', 'unhealthy']);
  });
});
