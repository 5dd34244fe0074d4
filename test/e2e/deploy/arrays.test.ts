/** @module-tag matrix */
import { afterEach, expect, it } from 'vitest';
import { SETTLE, type Site, startSite, stubServers } from './site.js';

let site: Site | undefined;
afterEach(() => site?.down());

const LONG = { timeout: 200_000 };

async function deployed(on: Site, nodes: number): Promise<string[]> {
  const result = await on.lab.deploy(['--nodes', String(nodes)], { env: SETTLE });
  expect(result.code, result.stderr).toBe(0);
  expect(new Set(result.stdout.trim().split('\n')).size).toBe(nodes);
  return on.jobs('sandbox');
}

it('deploy submits plain jobs, each with its own log, where job arrays are disabled', LONG, async () => {
  site = await startSite({ ...(await stubServers()), nodes: 3, arrays: false });
  // One refused of several: those that Slurm took before are taken back, as an array is refused as a whole.
  const limit = 'sbatch: error: Batch job submission failed: Job violates accounting/QOS policy';
  await site.tools.fault('sbatch', `(( CALL == 3 )) && { echo "${limit}" >&2; exit 1; }`);
  const refused = await site.lab.deploy(['--nodes', '3'], { env: SETTLE });
  await site.tools.mend('sbatch');
  expect(refused).toMatchObject({ code: 5, stdout: '' });
  expect(refused.stderr.match(/submitted job \d+ for instance \d$/gm)).toHaveLength(2);
  expect(refused.stderr).toContain(limit);
  expect(await site.jobs('sandbox')).toEqual([]);
  const jobs = await deployed(site, 3);
  expect(jobs).toHaveLength(3);
  for (const job of jobs) expect(job).toMatch(/^\d+$/);
  const logs = await site.lab.run(['ls', 'logs']);
  // Beside those of the jobs that were taken back, where Slurm had started them already.
  const instances = jobs.map((id) => new RegExp(`^sandbox-${id}_(\\d)\\.log$`, 'm').exec(logs.stdout)?.[1]);
  expect(instances.sort()).toEqual(['0', '1', '2']);
  const refilled = jobs[1] ?? '';
  await site.lab.run(['scancel', refilled]);
  const again = await deployed(site, 3);
  expect(again).toHaveLength(3);
  expect(again).not.toContain(refilled);
  expect((await site.lab.sandboxctl(['stop', '--yes'], { env: SETTLE })).code).toBe(0);
  expect(await site.jobs('sandbox')).toEqual([]);
});

it('deploy splits a fleet larger than MaxArraySize into several arrays', LONG, async () => {
  site = await startSite({ ...(await stubServers()), nodes: 4, config: ['MaxArraySize=3'] });
  const jobs = await deployed(site, 4);
  const tasks = jobs.map((id) => id.replace(/^\d+_/, '')).sort();
  expect(tasks).toEqual(['0', '0', '1', '2']);
  const status = await site.lab.sandboxctl(['status', '--json'], { env: SETTLE });
  const told = JSON.parse(status.stdout) as {
    fleets: { instances: { instance: number; job_id: string }[] }[];
  };
  expect(told.fleets[0]?.instances.map(({ instance }) => instance)).toEqual([0, 1, 2, 3]);
  expect(told.fleets[0]?.instances.map(({ job_id }) => job_id).sort()).toEqual(jobs);
  expect((await site.lab.sandboxctl(['stop', '--yes'], { env: SETTLE })).code).toBe(0);
});
