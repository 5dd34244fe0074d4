import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { KeeperRecord } from '../../../src/state/keeper.js';
import { SETTLE, SHARED, type Site, startSite, stubServers } from '../deploy/site.js';

let site: Site;
beforeAll(async () => {
  site = await startSite({ ...(await stubServers()), nodes: 3 });
});
afterAll(() => site?.down());

/** Of the servers and of the keeper's own job. */
const LIMIT_MINUTES = 3;
const LASTS_MS = 9 * 60_000;

async function listed(name: string): Promise<string[]> {
  const argv = ['/usr/bin/squeue', '-h', '-r', '-o', '%i', '-t', 'PENDING,CONFIGURING,RUNNING'];
  const { stdout } = await site.lab.run([...argv, `--name=${name}`]);
  return stdout.trim().split('\n').filter(Boolean);
}

it(`keepers in jobs of ${LIMIT_MINUTES} minutes hand a fleet on to each other, and its servers are replaced in time`, async () => {
  const { lab } = site;
  const argv = ['--fleet', 'held', '--nodes', '2', ...SHARED, '--time', String(LIMIT_MINUTES), '--keep'];
  const deployed = await lab.deploy(argv, { env: SETTLE });
  expect(deployed.code, deployed.stderr).toBe(0);
  const keepers = new Set<string>();
  const servers = new Set<string>();
  let [most, without, looks] = [0, 0, 0];
  for (
    const end = Date.now() + LASTS_MS;
    Date.now() < end;
    await new Promise((done) => setTimeout(done, 2_000))
  ) {
    const text = await readFile(lab.state('fleets/held/keeper.json'), 'utf8').catch(() => '{}');
    keepers.add((JSON.parse(text) as Partial<KeeperRecord>).job_id ?? 'none');
    const running = await listed('sandboxctl.keep.held');
    most = Math.max(most, running.length);
    const told = await lab.sandboxctl(['endpoints', '--fleet', 'held'], { env: SETTLE });
    const { endpoints } = JSON.parse(told.stdout) as { endpoints: { job_id: string }[] };
    for (const { job_id } of endpoints) servers.add(job_id);
    looks += 1;
    if (endpoints.length < 2) without += 1;
  }
  console.log(
    `keepers ${[...keepers].join(' ')}, at most ${most} at once; servers ${[...servers].join(' ')}; fewer than 2 ready in ${without} of ${looks} looks`,
  );
  expect(keepers).not.toContain('none');
  expect(keepers.size).toBeGreaterThanOrEqual(3);
  expect(most).toBeLessThanOrEqual(2);
  expect(without).toBe(0);
  const { code, stderr } = await lab.sandboxctl(['stop', '--yes', '--fleet', 'held'], { env: SETTLE });
  expect(code, stderr).toBe(0);
  expect([...(await listed('sandboxctl.keep.held')), ...(await site.jobs('held'))]).toEqual([]);
});
