/** @module-tag matrix */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { onlyUrl, python } from '../../script/servers.js';
import { type Lab, ownedFolder, startLab } from '../../support/lab.js';
import { guideScript, stateOf, submit, until } from './manual-setup.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ nodes: 2 });
});
afterAll(() => lab?.down());

const guide = (node: string, image: string): string => guideScript({ node, image, cpus: 64 });
const ours = (fleet: string, node: string, image: string): string[] => [
  'deploy',
  '--fleet',
  fleet,
  '--nodes',
  '1',
  '--nodelist',
  node,
  '--image',
  image,
];

test('fact 1: Slurm accepts a job without a folder for its log, never runs it, and reports nothing', async () => {
  const cwd = await ownedFolder(join(lab.shared, 'no-logs'), lab.users[0]);
  const job = await submit(lab, guide('node1', lab.image), cwd);
  await until('the failure', async () => (await stateOf(lab, job)).startsWith('FAILED'));
  expect(await stateOf(lab, job)).toBe('FAILED JobLaunchFailure');
  expect(await readdir(cwd)).toEqual([]);

  const url = onlyUrl(await lab.sandboxctl(ours('fact1', 'node1', lab.image), { cwd }));
  expect(await python(url, 'print(1)')).toBe('1\n');
  expect(await readdir(join(cwd, 'logs'))).toEqual([expect.stringMatching(/^sandbox-\d+_0\.log$/)]);
});

test('fact 2: enroot looks for an image path without a slash on Docker Hub', async () => {
  const cwd = join(lab.shared, 'images');
  await ownedFolder(cwd, lab.users[0]);
  await mkdir(join(cwd, 'logs'), { recursive: true });
  await ownedFolder(join(cwd, 'logs'), lab.users[0]);
  const job = await submit(lab, guide('node2', 'sandbox.sqsh'), cwd);
  await until('the failure', async () => (await stateOf(lab, job)).startsWith('FAILED'));
  const log = await readFile(join(cwd, `logs/sandbox-${job}.log`), 'utf8');
  expect(log).toContain('pyxis: importing docker image: sandbox.sqsh');

  for (const [fleet, image] of [
    ['bare', 'sandbox.sqsh'],
    ['dotted', './sandbox.sqsh'],
  ] as const) {
    const planned = await lab.sandboxctl([...ours(fleet, 'node2', image), '--dry-run'], { cwd });
    expect(planned.stdout).toContain(`IMAGE='${join(cwd, 'sandbox.sqsh')}'`);
  }
  const url = onlyUrl(await lab.sandboxctl(ours('fact2', 'node2', 'sandbox.sqsh'), { cwd }));
  expect(await python(url, 'print(2)')).toBe('2\n');
});
