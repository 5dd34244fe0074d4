import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Site, startSite } from '../deploy/site.js';
import { chaos } from './chaos.js';

const MINUTES = Number(process.env.SANDBOXCTL_TEST_MINUTES ?? 10);
/** Another one: `SANDBOXCTL_TEST_SEED=7 npm run test:chaos`. */
const SEED = Number(process.env.SANDBOXCTL_TEST_SEED ?? 1);

let site: Site;
beforeAll(async () => {
  site = await startSite({ nodes: 4 });
});
afterAll(() => site?.down());

it(`a kept fleet survives ${MINUTES} minutes of faults under load, seed ${SEED}`, async () => {
  const end = Date.now() + MINUTES * 60_000;
  const { happened, totals, most, left, keeper } = await chaos(site, SEED, () => Date.now() > end);
  const faults = happened.map(({ name, wholeAfter }) => `${name} ${wholeAfter} s`).join(', ');
  console.log(
    `${happened.length} faults, ${totals.sent} requests, retries ${JSON.stringify(totals.retries)}, at most ${most} jobs: ${faults}`,
  );
  expect(totals, faults).toMatchObject({ lost: 0, wrong: 0, words: [] });
  // Four servers are wanted at most, and one that takes over.
  expect(most).toBeLessThanOrEqual(5);
  expect([left, keeper]).toEqual([[], undefined]);
});
