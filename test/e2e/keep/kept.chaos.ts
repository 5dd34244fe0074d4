import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Site, startSite } from '../deploy/site.js';
import { chaos } from './chaos.js';

const MINUTES = 10;
/** Another one: `SEED=7 npm run test:chaos`. */
const SEED = Number(process.env.SEED ?? 1);

let site: Site;
beforeAll(async () => {
  site = await startSite({ nodes: 4 });
});
afterAll(() => site?.down());

it(`a kept fleet survives ${MINUTES} minutes of faults under load, seed ${SEED}`, async () => {
  const end = Date.now() + MINUTES * 60_000;
  const { happened, totals, left, keeper } = await chaos(site, SEED, () => Date.now() > end);
  console.log(`${happened.length} faults, ${totals.sent} requests: ${happened.join(', ')}`);
  expect(totals, happened.join(', ')).toMatchObject({ lost: 0, wrong: 0, words: [] });
  expect([left, keeper]).toEqual([[], undefined]);
});
