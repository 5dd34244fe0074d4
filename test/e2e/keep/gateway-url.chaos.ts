import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { follow } from '../../support/follow.js';
import { until } from '../../support/until.js';
import { SHARED, type Site, startSite } from '../deploy/site.js';
import type { Totals } from './chaos.js';
import { CHAOS_CLOCKS } from './ground.js';

let site: Site;
beforeAll(async () => {
  site = await startSite({ nodes: 3, runtime: 'embedded' });
});
afterAll(() => site?.down());

const LIMIT_MINUTES = 3;
const GATEWAYS = 2;
const LASTS_MS = 8 * 60_000;
const FLEET = ['--fleet', 'urls'];

interface Listed {
  gateway: { url: string; job_id: string; node: string } | null;
  endpoints: unknown[];
}

it(`the URL of a gateway in jobs of ${LIMIT_MINUTES} minutes lives on, and no request is lost when one follows the other`, async () => {
  const { lab } = site;
  const sandboxctl = (...argv: string[]) => lab.sandboxctl([...argv, ...FLEET], { env: CHAOS_CLOCKS });
  const deploy = ['deploy', '--nodes', '2', ...SHARED, '--gateway', 'job', '--time', String(LIMIT_MINUTES)];
  const deployed = await sandboxctl(...deploy);
  expect(deployed.code, deployed.stderr).toBe(0);
  const kept = await sandboxctl('keep', '--on', 'here', '--detach');
  expect(kept.code, kept.stderr).toBe(0);
  const listed = async () => JSON.parse((await sandboxctl('endpoints')).stdout) as Listed;
  const first = (await listed()).gateway;
  const script = join(lab.shared, 'load.mjs');
  await cp(fileURLToPath(new URL('load.mjs', import.meta.url)), script);
  const load = lab.spawn([process.execPath, script], { env: { SANDBOX_FUSION_ENDPOINT: first?.url ?? '' } });
  const { ended, line } = follow(load);
  await line('begun', 'stdout');
  const jobs = new Set<string>();
  const urls = new Set<string>();
  for (const end = Date.now() + LASTS_MS; jobs.size <= GATEWAYS && Date.now() < end; ) {
    const { gateway } = await listed();
    if (gateway !== null) {
      jobs.add(gateway.job_id);
      urls.add(gateway.url);
    }
    await new Promise((done) => setTimeout(done, 1_000));
  }
  // The last one before is gone, so that its end is seen by the load.
  await until('one gateway', async () => {
    const argv = [
      '/usr/bin/squeue',
      '-h',
      '-r',
      '-o',
      '%i',
      '-t',
      'PENDING,RUNNING',
      '--name=sandboxctl-urls',
    ];
    const live = (await lab.run(argv)).stdout.trim().split('\n');
    return [...jobs].filter((id) => live.includes(id)).length === 1;
  });
  load.kill('SIGTERM');
  const { stdout, stderr } = await ended;
  const totals = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Totals;
  const told = (await sandboxctl('events')).stdout;
  console.log(
    `${totals.sent} requests, gateway jobs ${[...jobs].join(' ')}, URLs ${[...urls].join(' ')}`,
    told.split('\n').filter((each) => each.includes('gateway')),
  );
  expect([totals.lost, totals.wrong, totals.words], stderr).toEqual([0, 0, []]);
  expect(jobs.size).toBeGreaterThan(GATEWAYS);
  expect([...urls]).toEqual([first?.url]);
  expect((await sandboxctl('stop', '--yes')).code).toBe(0);
});
