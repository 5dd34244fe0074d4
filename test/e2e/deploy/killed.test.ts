/** @module-tag matrix */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stubFolder } from '../../bench/stub/folder.js';
import { type Lab, startLab } from '../../support/lab.js';
import { deployThenDeploy, deployThenStop, resized, someOf, stopThenEither } from './convergence.js';
import { type Killing, killing } from './killing.js';

/** All points of all commands are for `npm run test:chaos`. */
const SEED = Number(process.env.SANDBOXCTL_TEST_SEED ?? 1);
const some = someOf(2, SEED);
const told = `at 2 points by seed ${SEED}`;

let lab: Lab;
let command: Killing;
beforeAll(async () => {
  lab = await startLab({ nodes: 2, nodePath: [await stubFolder()], image: { tiny: true } });
  command = await killing(lab);
});
afterAll(() => lab?.down());

const LONG = { timeout: 600_000 };

it(
  `deploy killed at 6 points (seed ${SEED}) and run again leaves no orphan and no duplicate`,
  LONG,
  async () => {
    expect(await deployThenDeploy(command, someOf(6, SEED))).toEqual([]);
  },
);

it(`deploy killed ${told} and stop leave nothing behind`, LONG, async () => {
  expect(await deployThenStop(command, some)).toEqual([]);
});

it(`stop killed ${told} is completed by stop or deploy`, LONG, async () => {
  expect(await stopThenEither(command, some)).toEqual([]);
});

it(`deploy with more nodes killed ${told} and run again adds only the missing servers`, LONG, async () => {
  expect(await resized(command, 1, 2, some)).toEqual([]);
});

it(`deploy with fewer nodes killed ${told} and run again cancels only the surplus`, LONG, async () => {
  expect(await resized(command, 2, 1, some)).toEqual([]);
});
