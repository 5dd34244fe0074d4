/** @module-tag matrix */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../cluster/hold.js';
import { type Lab, startLab } from '../../support/lab.js';
import { SHARED } from './site.js';
import { deploy, endpoints, QUICK, stop } from './user.js';

const ONE = ['--nodes', '1', ...SHARED];

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ nodes: 1, runtime: 'embedded' });
});
afterAll(() => lab?.down());

const sandboxctl = (...argv: string[]) => lab.sandboxctl(argv, { env: QUICK });

/** The controller loses all that it knew: its jobs end, and their ids are given again. */
async function loseState(): Promise<void> {
  await lab.controller.kill('SIGKILL');
  const state = join(lab.folder, 'state');
  for (const name of await readdir(state)) await rm(join(state, name), { recursive: true });
  await lab.controller.start();
  await lab.ready();
}

test('a reused job id means the new job in deploy, status, endpoints and logs', async () => {
  const first = await deploy(lab, ONE);
  expect(first.code, first.stderr).toBe(0);
  const [before] = await endpoints(lab);
  await loseState();
  const second = await deploy(lab, ONE);
  expect(second.code, second.stderr).toBe(0);
  expect(second.stderr.match(/submitted/g)).toHaveLength(1);
  const [after] = await endpoints(lab);
  expect(after).toMatchObject({ job_id: before?.job_id, state: 'ready' });
  expect((await sandboxctl('status')).stdout).toContain('1 of 1 ready');
  const { stdout } = await sandboxctl('logs', after?.job_id ?? '', '--lines', 'all');
  expect(stdout.match(/^sandboxctl: instance 0 of fleet sandbox is job /gm)).toHaveLength(1);
  const again = await deploy(lab, ONE);
  expect(again.code, again.stderr).toBe(0);
  expect(again.stderr).not.toMatch(/submitted|gone/);
});

test('a reused job id of another fleet is found by that fleet', async () => {
  await loseState();
  const deployed = await deploy(lab, [...ONE, '--fleet', 'other']);
  expect(deployed.code, deployed.stderr).toBe(0);
  const [one] = await endpoints(lab, ['--fleet', 'other']);
  const told = await sandboxctl('logs', one?.job_id ?? '');
  expect(told.code, told.stderr).toBe(0);
  expect(told.stdout).toContain(`instance 0 of fleet other is job ${one?.job_id} `);
  // What the state folder says of the first fleet does not touch it.
  await stop(lab, 'sandbox');
  expect(await endpoints(lab, ['--check', '--fleet', 'other'], { env: QUICK })).toHaveLength(1);
});

test('stop does not cancel another job that reused the id', async () => {
  await loseState();
  const theirs = ['sbatch', '--parsable', '--array=0', '--mem=100', '-o', '/dev/null', '--wrap', 'sleep 600'];
  const id = (await lab.run(theirs)).stdout.trim();
  const running = async () => (await lab.run(['squeue', '-h', '-r', '-t', 'R', '-o', '%i'])).stdout;
  await until('it runs', async () => (await running()) === `${id}_0\n`);
  await stop(lab, 'other');
  expect(await running()).toBe(`${id}_0\n`);
});
