import { afterAll, beforeAll, expect, it } from 'vitest';
import { stubFolder } from '../../bench/stub/folder.js';
import { type Lab, startLab } from '../../support/lab.js';
import { deployThenDeploy, deployThenStop, everyPoint, resized, stopThenEither } from './convergence.js';
import { type Killing, killing } from './killing.js';

let lab: Lab;
let command: Killing;
beforeAll(async () => {
  lab = await startLab({ nodes: 2, nodePath: [await stubFolder()], image: { tiny: true } });
  command = await killing(lab);
});
afterAll(() => lab?.down());

it('deploy killed at every point, then deploy', async () => {
  expect(await deployThenDeploy(command, everyPoint)).toEqual([]);
});

it('deploy killed at every point, then stop', async () => {
  expect(await deployThenStop(command, everyPoint)).toEqual([]);
});

it('stop killed at every point, then stop or deploy', async () => {
  expect(await stopThenEither(command, everyPoint)).toEqual([]);
});

it.each([
  [1, 2],
  [2, 1],
])('deploy from %i to %i nodes killed at every point, then again', async (from, to) => {
  expect(await resized(command, from, to, everyPoint)).toEqual([]);
});
