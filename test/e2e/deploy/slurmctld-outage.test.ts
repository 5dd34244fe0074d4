/** @module-tag matrix */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../cluster/hold.js';
import { SETTLE, SHARED, type Site, startSite, stubServers } from './site.js';

let site: Site;
beforeAll(async () => {
  // The tools give up on a controller after this long; Slurm's own default is 10 s.
  site = await startSite({ ...(await stubServers()), config: ['MessageTimeout=3'] });
});
afterAll(() => site?.down());

// SIGTERM: killed outright, slurmctld forgets what it learned in the last seconds and ends those jobs itself.
const LONG = { timeout: 300_000 };
const AWAY = /Slurm does not answer, still waiting/g;

/** Holds both nodes, so that a deploy waits; the returned function lets them go. */
async function blockNodes(): Promise<() => Promise<void>> {
  const { lab } = site;
  const [, other] = lab.users;
  const block = [
    'sbatch',
    '--parsable',
    '--exclusive',
    '--array=0-1',
    '--wrap',
    'sleep 900',
    '-o',
    '/dev/null',
  ];
  const blocker = await lab.run(block, { user: other });
  await until('the blocker', async () => {
    const { stdout } = await lab.run(['squeue', '-h', '-o', '%T', '-u', other.name], { user: other });
    return stdout.match(/RUNNING/g)?.length === 2;
  });
  return async () => void (await lab.run(['scancel', blocker.stdout.trim()], { user: other }));
}

it(
  'deploy exits with 4 and Slurm’s words if slurmctld is down, and writes and submits nothing',
  LONG,
  async () => {
    const { lab } = site;
    await lab.controller.kill('SIGTERM');
    const result = await lab.deploy(['--nodes', '2', '--fleet', 'before', ...SHARED]);
    await lab.controller.start();
    await lab.ready();
    expect(result).toMatchObject({ code: 4, stdout: '' });
    expect(result.stderr).toMatch(/could not ask Slurm/);
    expect(result.stderr).toMatch(/Unable to contact slurm controller/);
    expect(result.stderr).toMatch(/hint: .*scontrol ping/);
    expect(await site.jobs('before', 'all')).toEqual([]);
  },
);

it.each(['killed', 'frozen'] as const)(
  '%s while deploy waits: told once, waited out, then ready',
  LONG,
  async (how) => {
    const { lab } = site;
    const unblock = await blockNodes();
    const deploying = site.deploying(how, ['--nodes', '2']);
    await deploying.says(/instance 1 waits for Slurm/);
    if (how === 'killed') await lab.controller.kill('SIGTERM');
    else lab.controller.freeze();
    await deploying.says(AWAY);
    if (how === 'killed') await lab.controller.start();
    else lab.controller.thaw();
    await deploying.says('Slurm answers again');
    await unblock();
    const { code, stdout, stderr } = await deploying.ended;
    expect(stderr.match(AWAY)).toHaveLength(1);
    expect([code, stdout.trim().split('\n').length]).toEqual([0, 2]);
    expect(await site.jobs(how, 'all')).toHaveLength(2);
    expect((await lab.sandboxctl(['stop', '--yes', '--fleet', how], { env: SETTLE })).code).toBe(0);
  },
);

it('deploy finds the jobs that a frozen slurmctld created after sbatch gave up', LONG, async () => {
  const { lab, tools } = site;
  const [asks, may] = [`${tools.folder}/asks`, `${tools.folder}/may`];
  await tools.fault('sbatch', `touch ${asks}; until [[ -e ${may} ]]; do sleep 0.05; done`);
  const deploying = site.deploying('timedout');
  await until('sbatch', async () => (await lab.run(['test', '-e', asks])).code === 0);
  lab.controller.freeze();
  await lab.run(['touch', may]);
  await deploying.says('sbatch gave no clear answer');
  lab.controller.thaw();
  const { code, stdout } = await deploying.ended;
  expect([code, stdout.trim().split('\n').length]).toEqual([0, 2]);
  expect(await site.jobs('timedout', 'all')).toHaveLength(2);
  expect(
    (await tools.calls()).filter(({ argv }) => argv.includes('timedout') && argv.includes('--parsable')),
  ).toHaveLength(1);
});

it('status, deploy and stop find the fleet unchanged after a restart of slurmctld', LONG, async () => {
  const { lab } = site;
  const deploy = ['--nodes', '2', '--fleet', 'restarted', ...SHARED];
  expect((await lab.deploy(deploy, { env: SETTLE })).code).toBe(0);
  const before = await site.jobs('restarted');
  await lab.controller.kill('SIGTERM');
  await lab.controller.start();
  await lab.ready();
  const status = await lab.sandboxctl(['status', '--fleet', 'restarted'], { env: SETTLE });
  expect(status.stdout).toContain('2 of 2 ready');
  expect((await lab.deploy(deploy, { env: SETTLE })).code).toBe(0);
  expect(await site.jobs('restarted', 'all')).toEqual(before);
  expect((await lab.sandboxctl(['stop', '--yes', '--fleet', 'restarted'], { env: SETTLE })).code).toBe(0);
  expect(await site.jobs('restarted')).toEqual([]);
});

it(
  'stop ends with 4 after --timeout while slurmctld is away, and finishes when it is run again',
  LONG,
  async () => {
    const { lab } = site;
    expect((await lab.deploy(['--nodes', '2', '--fleet', 'ended', ...SHARED], { env: SETTLE })).code).toBe(0);
    const stop = ['stop', '--yes', '--fleet', 'ended', '--drain', '0', '--timeout', '5s'];
    await lab.controller.kill('SIGTERM');
    const away = await lab.sandboxctl(stop, { env: SETTLE });
    await lab.controller.start();
    await lab.ready();
    expect([away.code, away.stderr.match(AWAY)?.length]).toEqual([4, 1]);
    expect(away.stderr).toMatch(/error: Slurm does not answer.*: nothing was cancelled/);
    expect(away.stderr).toMatch(/Unable to contact slurm controller/);
    expect(await site.jobs('ended')).toHaveLength(2);
    const stopped = await lab.sandboxctl(stop, { env: SETTLE });
    expect([stopped.code, await site.jobs('ended')]).toEqual([0, []]);
  },
);

it(
  'stop ends with 6 if its jobs have not ended after --timeout, and finishes when it is run again',
  LONG,
  async () => {
    const { lab, tools } = site;
    expect((await lab.deploy(['--nodes', '2', '--fleet', 'slow', ...SHARED], { env: SETTLE })).code).toBe(0);
    const jobs = await site.jobs('slow');
    // As a job that is stuck in its end.
    await tools.fault('scancel', 'exit 0');
    const stop = ['stop', '--yes', '--fleet', 'slow', '--drain', '0', '--timeout', '3s'];
    const waited = await lab.sandboxctl(stop, { env: SETTLE });
    await tools.mend('scancel');
    expect([waited.code, waited.stderr]).toEqual([
      6,
      expect.stringContaining(`error: jobs of fleet slow have not ended yet: ${jobs.join(' ')}`),
    ]);
    const stopped = await lab.sandboxctl(stop, { env: SETTLE });
    expect([stopped.code, await site.jobs('slow')]).toEqual([0, []]);
  },
);
