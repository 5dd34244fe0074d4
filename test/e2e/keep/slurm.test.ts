import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeeperRecord } from '../../../src/state/keeper.js';
import { until } from '../../support/until.js';
import { SETTLE, SHARED, type Site, startSite, stubServers } from '../deploy/site.js';

let site: Site;
beforeAll(async () => {
  site = await startSite({ ...(await stubServers()), nodes: 3 });
});
afterAll(() => site?.down());

async function deploy(fleet: string, ...argv: string[]): Promise<string> {
  const { lab } = site;
  const ended = await lab.deploy(['--fleet', fleet, '--nodes', '2', ...SHARED, ...argv], { env: SETTLE });
  expect(ended.code, ended.stderr).toBe(0);
  return ended.stderr;
}

async function stop(fleet: string) {
  const ended = await site.lab.sandboxctl(['stop', '--yes', '--fleet', fleet], { env: SETTLE });
  expect([ended.code, ended.stderr]).toEqual([0, expect.not.stringContaining('warning')]);
  expect(await site.jobs(fleet)).toEqual([]);
  expect(await keeperJobs(fleet)).toEqual([]);
}

/** Ids of the jobs that keep a fleet and pend or run. */
async function keeperJobs(fleet: string): Promise<string[]> {
  const argv = ['/usr/bin/squeue', '-h', '-o', '%i', '-t', 'PENDING,CONFIGURING,RUNNING'];
  const { stdout } = await site.lab.run([...argv, `--name=sandboxctl.keep.${fleet}`]);
  return stdout.trim().split('\n').filter(Boolean);
}

async function keeperOf(fleet: string): Promise<KeeperRecord | undefined> {
  const text = await readFile(site.lab.state(`fleets/${fleet}/keeper.json`), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as KeeperRecord);
}

/** The jobs of the endpoints that clients get now. */
async function ready(fleet: string): Promise<string[]> {
  const { stdout } = await site.lab.sandboxctl(['endpoints', '--fleet', fleet]);
  const { endpoints } = JSON.parse(stdout) as { endpoints: { job_id: string }[] };
  return endpoints.map(({ job_id }) => job_id).sort();
}

/** Waits until the fleet has two ready servers, none of them one of these jobs. */
async function refilled(fleet: string, without: readonly string[]): Promise<void> {
  await until(`${fleet} refilled`, async () => {
    const jobs = await ready(fleet);
    return jobs.length === 2 && !jobs.some((id) => without.includes(id));
  });
}

describe('a keeper in a job', () => {
  it('deploy --keep starts it; it replaces what was cancelled, and stop ends it', async () => {
    const said = await deploy('held', '--keep', '--keeper-partition', 'short');
    const [keeper = ''] = await keeperJobs('held');
    const partition = ['/usr/bin/squeue', '-h', '-o', '%P', '-j', keeper];
    expect((await site.lab.run(partition)).stdout.trim()).toBe('short');
    expect(said).toContain(`keeping fleet held: job ${keeper} on node`);
    expect(await keeperOf('held')).toMatchObject({ place: 'job', job_id: keeper });
    const [lost = ''] = await ready('held');
    await site.lab.run(['scancel', lost]);
    await refilled('held', [lost]);
    await deploy('held');
    const second = await site.lab.sandboxctl(['keep', '--fleet', 'held'], { env: SETTLE });
    expect([second.code, second.stderr]).toEqual([8, expect.stringContaining('has a keeper already')]);
    expect(await keeperJobs('held')).toEqual([keeper]);
    await stop('held');
  });

  it('its successor takes over when it starts, and the fleet stays as it is', async () => {
    await deploy('passed', '--keep');
    const [first = ''] = await keeperJobs('passed');
    const jobs = await ready('passed');
    // As the keeper itself does before its time is up: the same script again.
    const scripts = site.lab.state('fleets/passed/keepers');
    const listed = await site.lab.run(['ls', scripts]);
    const submitted = await site.lab.run(['sbatch', '--parsable', `${scripts}/${listed.stdout.trim()}`]);
    const second = submitted.stdout.trim();
    await until('the successor', async () => (await keeperOf('passed'))?.job_id === second);
    await until('the end of the first', async () => (await keeperJobs('passed')).join() === second);
    expect(first).not.toBe(second);
    expect(await ready('passed')).toEqual(jobs);
    await stop('passed');
  });
});
