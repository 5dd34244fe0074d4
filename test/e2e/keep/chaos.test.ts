import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Site, startSite } from '../deploy/site.js';
import { chaos } from './chaos.js';

let site: Site;
beforeAll(async () => {
  site = await startSite({ nodes: 4 });
});
afterAll(() => site?.down());

it('a kept fleet survives a few faults under load, without a lost request or a wrong verdict', async () => {
  const kinds = ['keeper killed while it refills', 'node down'];
  const { happened, totals, most, left, keeper } = await chaos(site, 3, (faults) => faults === 2, kinds);
  expect(totals, JSON.stringify(happened)).toMatchObject({ lost: 0, wrong: 0, words: [] });
  expect(totals.sent).toBeGreaterThan(10);
  expect(most).toBeLessThanOrEqual(4);
  expect([left, keeper]).toEqual([[], undefined]);
});
