/** @module-tag matrix */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { randomOf } from '../../support/random.js';
import { type Site, startSite } from '../deploy/site.js';
import { startLoad, watchJobs } from './chaos.js';
import { groundOf } from './ground.js';

let site: Site;
beforeAll(async () => {
  site = await startSite({ nodes: 3 });
});
afterAll(() => site?.down());

it('scale, renew and another spec lose no request of a fleet under load', async () => {
  const ground = groundOf(site, 'loaded', randomOf(1));
  const { well, deploy, ready, wanted } = ground;
  await deploy();
  const loading = await startLoad(ground);
  const looking = watchJobs(ground);
  const generations = [(await ready()).map(({ job_id }) => job_id)];
  const noted = async () => generations.push((await ready()).map(({ job_id }) => job_id));
  await well('scale', '4', '--yes');
  await noted();
  await well('scale', '2', '--yes');
  await noted();
  await well('renew', '--yes');
  await noted();
  wanted.nodes = 2;
  wanted.spec += 1;
  await deploy();
  await noted();
  const totals = await loading.end();
  console.log(`${totals.sent} requests, retries ${JSON.stringify(totals.retries)}`, generations);
  expect(totals).toMatchObject({ lost: 0, wrong: 0, words: [] });
  expect(generations.map(({ length }) => length)).toEqual([3, 4, 2, 2, 2]);
  const [, , scaled = [], renewed = [], changed = []] = generations;
  expect([...scaled, ...renewed, ...changed].length).toBe(new Set([...scaled, ...renewed, ...changed]).size);
  expect(await looking.end()).toBeLessThanOrEqual(5);
  await well('stop', '--yes');
});
