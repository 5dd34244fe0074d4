/** @module-tag matrix */
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunOptions } from '../../cluster/types.js';
import { type Lab, startLab } from '../../support/lab.js';
import { errorOf } from './error-output.js';
import { deploy, endpoints, QUICK, runCode, stop, urlsOf } from './user.js';

/** Two clusters that one slurmdbd knows, and a user at the login node of the first. */
let here: Lab;
let west: Lab;

beforeAll(async () => {
  here = await startLab({ nodes: 1, accounting: true });
  west = await startLab({ nodes: 2, accounting: here });
});
afterAll(async () => {
  await west?.down();
  await here?.down();
});

const sandboxctl = (argv: readonly string[], options: RunOptions = {}) =>
  here.sandboxctl(argv, { ...options, env: { ...QUICK, ...options.env } });

/** Running jobs on a cluster, as its own controller tells them. */
async function jobsOn(lab: Lab): Promise<string[]> {
  const { stdout } = await lab.run(['squeue', '-h', '-r', '-t', 'running', '-o', '%i %j']);
  return stdout.trim().split('\n').filter(Boolean).sort();
}

test('deploy --cluster-name passes the name to every Slurm tool, and later commands read it from the spec', async () => {
  const named = await deploy(here, ['--nodes', '2', '--cluster-name', west.name, '-v']);
  expect(named.code, named.stderr).toBe(0);
  expect(named.stderr).toContain(`2 servers in partition cpuonly of cluster ${west.name} `);
  const told = [...named.stderr.matchAll(/^\+ (sbatch|squeue|sinfo|scontrol) (.*)$/gm)];
  expect(told.length).toBeGreaterThan(3);
  expect(told.filter(([, , words]) => !words?.startsWith(`-M ${west.name} `))).toEqual([]);
  expect(await jobsOn(west)).toEqual(['1000_0 sandboxctl-sandbox', '1000_1 sandboxctl-sandbox']);
  expect(await jobsOn(here)).toEqual([]);
  expect(await runCode(urlsOf(named)[0] ?? '', 'print(6 * 7)')).toBe('42\n');

  expect((await deploy(here, ['--nodes', '2'])).stdout).toBe(named.stdout);
  expect((await sandboxctl(['status'])).stdout).toContain('2 of 2 ready');
  expect(await endpoints(here, ['--check'], { env: QUICK })).toHaveLength(2);
  expect((await sandboxctl(['logs', '1000_1', '--lines', 'all'])).stdout).toContain('is job 1000_1 on');
  const begun = await sandboxctl(['init', '--print', '-M', west.name]);
  expect(begun.stdout).toContain(`\nclusterName: ${west.name}\n`);
  expect(begun.stdout).toContain('It has 2 nodes');
  const other = await deploy(here, ['--nodes', '2', '--cluster-name', here.name]);
  expect(errorOf(other)).toMatchObject({
    code: 2,
    what: expect.stringContaining(`on the cluster ${west.name}`),
  });
});

test('the state folder is rebuilt from the jobs of a named cluster', async () => {
  const before = await jobsOn(west);
  await rm(here.state(''), { recursive: true, maxRetries: 20 });
  expect((await sandboxctl(['status'])).stderr).toContain('nothing is deployed');
  const seen = await sandboxctl(['status', '--cluster-name', west.name]);
  expect(seen.stdout, seen.stderr).toMatch(/^fleet sandbox: \d of 2 ready/);
  const log = await sandboxctl(['logs', '1000_1', '--lines', 'all'], {
    env: { SANDBOXCTL_CLUSTER_NAME: west.name },
  });
  expect(log.stdout, log.stderr).toContain('is job 1000_1 on');
  const again = await deploy(here, ['--nodes', '2', '--cluster-name', west.name]);
  expect(again.code, again.stderr).toBe(0);
  expect(urlsOf(again)).toHaveLength(2);
  expect(await jobsOn(west)).toEqual(before);
  await stop(here);
  expect(await jobsOn(west)).toEqual([]);
});

test("SLURM_CLUSTERS is that name's default, and a fleet stays where it was put", async () => {
  const env = { SLURM_CLUSTERS: west.name };
  const put = await deploy(here, ['--nodes', '1', '--fleet', 'west'], { env });
  expect(put.code, put.stderr).toBe(0);
  const home = await deploy(here, ['--nodes', '1', '--fleet', 'home']);
  expect(home.code, home.stderr).toBe(0);
  // Each controller counts from 1000: what names one job here names another there.
  expect((await jobsOn(here)).map((job) => job.split(' ')[1])).toEqual(['sandboxctl-home']);
  expect((await jobsOn(west)).map((job) => job.split(' ')[1])).toEqual(['sandboxctl-west']);
  for (const exported of [{}, env]) {
    const { stdout } = await sandboxctl(['status'], { env: exported });
    expect(stdout).toMatch(/^fleet home: 1 of 1 ready .*^fleet west: 1 of 1 ready /ms);
  }
  const shown = await sandboxctl(['config', 'show', '--origin'], { env });
  expect(shown.stdout).toContain(`clusterName: ${west.name}  # SLURM_CLUSTERS\n`);
  await stop(here, 'home', { env });
  expect(await jobsOn(here)).toEqual([]);
  await stop(here, 'west');
  expect(await jobsOn(west)).toEqual([]);
});

test('deploy refuses an unknown cluster name and a list of names', async () => {
  const unknown = errorOf(await deploy(here, ['--nodes', '1', '--cluster-name', 'nosuch']));
  expect(unknown).toMatchObject({
    code: 4,
    words: expect.stringContaining("No cluster 'nosuch' known"),
    hint: expect.stringContaining('sacctmgr show cluster'),
  });
  const env = { SLURM_CLUSTERS: `${here.name},${west.name}` };
  const several = errorOf(await deploy(here, ['--nodes', '1'], { env }));
  expect(several).toMatchObject({ code: 2, words: `SLURM_CLUSTERS=${here.name},${west.name}` });
  expect((await deploy(here, ['--nodes', '1', '--cluster-name', 'a,b'])).code).toBe(2);
  expect((await sandboxctl(['status'], { env })).code).toBe(0);
});
