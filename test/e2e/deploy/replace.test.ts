/** @module-tag matrix */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Lab, startLab } from '../../support/lab.js';
import { SHARED } from './site.js';
import { asRoot, deploy, endpoints, freeNodes, stop } from './user.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ nodes: 2, runtime: 'embedded' });
});
afterAll(() => lab?.down());
afterEach(async () => {
  await stop(lab);
  await freeNodes(lab);
});

const TWO = ['--nodes', '2', ...SHARED];
const timeLimits = async () =>
  (await lab.run(['squeue', '-h', '-r', '-o', '%l', '--name=sandboxctl-sandbox'])).stdout.trim().split('\n');

test('deploy replaces a server that fails every health check, and cancels it only once its successor is ready', async () => {
  expect((await deploy(lab, TWO)).code).toBe(0);
  const [wedged, well] = await endpoints(lab);
  const pids = `$(pgrep -f '${lab.name}/opt/.* [s]erve --listen 0.0.0.0:${wedged?.port}')`;
  await asRoot(lab, 'login', `kill -STOP ${pids}`);
  const again = await deploy(lab, [...TWO, '--wedged-after', '3s']);
  expect(again.code, again.stderr).toBe(0);
  expect(again.stderr).toMatch(
    /sandboxctl cancelled job .*: it (fails every health check|does not answer.*); job \S+ has taken over/,
  );
  const now = await endpoints(lab);
  expect(now).toHaveLength(2);
  expect(now.map(({ job_id }) => job_id)).toContain(well?.job_id);
  expect(now.map(({ job_id }) => job_id)).not.toContain(wedged?.job_id);
});

test('a job is shortened to end before a maintenance of its nodes', async () => {
  const create = 'scontrol create reservation reservationname=maint users=root nodes=ALL flags=maint';
  await asRoot(lab, 'login', `${create} starttime=now+40minutes duration=60`);
  const deployed = await deploy(lab, TWO);
  expect(deployed.code, deployed.stderr).toBe(0);
  expect(deployed.stderr).toMatch(
    /the time limit is 0-00:3\d:00 instead of \S+: reservation maint of its nodes begins at/,
  );
  for (const limit of await timeLimits()) expect(limit).toMatch(/^3\d:00$/);
  await asRoot(lab, 'login', 'scontrol delete reservationname=maint');
});
