import { readFile, rm, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { readEndpoints } from '../../src/endpoints/file.js';
import { until } from '../support/until.js';
import { keptFleet } from './kept-fleet.js';

const HOUR_S = 3_600;

const allReady = async ({ store, spec }: Awaited<ReturnType<typeof keptFleet>>) =>
  (await readEndpoints(store.folders.endpoints))?.endpoints.filter(({ state }) => state === 'ready')
    .length === spec.nodes;

it('twenty minutes of a kept, quiet fleet of 64 cost Slurm at most 20 squeue, and nothing else', async () => {
  const fleet = await keptFleet(64);
  await until('64 ready', () => allReady(fleet));
  // Past the polls that follow a submission.
  await fleet.passed(120);
  const from = fleet.now();
  await fleet.passed(HOUR_S / 3);
  const to = from + (HOUR_S / 3) * 1000;
  const within = fleet.calls.filter(({ at }) => at >= from && at < to).map(({ tool }) => tool);
  expect(new Set(within)).toEqual(new Set(['squeue']));
  expect(within.length).toBeLessThanOrEqual(20);
  expect(within.length).toBeGreaterThanOrEqual(16);
  expect(fleet.calls.filter(({ tool }) => tool === 'sbatch')).toHaveLength(1);
  await fleet.stop();
});

it('a scheduler that fails for a while costs no job, and the keeper goes on', async () => {
  const fleet = await keptFleet(2);
  await until('2 ready', () => allReady(fleet));
  fleet.fail('slurm_load_jobs error: Unable to contact slurm controller');
  await fleet.passed(HOUR_S / 6);
  fleet.fail(undefined);
  const [lost = ''] = fleet.jobs.keys();
  fleet.setState(lost, 'NODE_FAIL');
  await until('a third job', () => fleet.jobs.size === 3);
  expect(fleet.calls.filter(({ tool }) => tool === 'sbatch')).toHaveLength(2);
  expect(fleet.calls.filter(({ tool }) => tool === 'scancel')).toHaveLength(0);
  // Written before the keeper ends: killed, it leaves no end that the next one would tell again.
  const ended = async () => (await fleet.store.readSubmissions()).flatMap((each) => each.ended ?? []);
  await until('the end on record', async () => (await ended()).includes(lost));
  await fleet.stop();
});

it('a refused refill is a warning, and is tried again at growing intervals', async () => {
  const fleet = await keptFleet(1);
  await until('ready', () => allReady(fleet));
  const [lost = ''] = fleet.jobs.keys();
  fleet.setState(lost, 'TIMEOUT');
  await fleet.passed(70);
  fleet.fail('sbatch: error: QOSMaxSubmitJobPerUserLimit');
  await fleet.passed(HOUR_S / 4);
  fleet.fail(undefined);
  await until('a second job', () => fleet.jobs.size === 2);
  expect(fleet.calls.filter(({ tool }) => tool === 'sbatch').length).toBeLessThan(12);
  await fleet.stop();
});

it('a command that asks gets the lock, and its change is what is kept from then on', async () => {
  const fleet = await keptFleet(1);
  await until('ready', () => allReady(fleet));
  await fleet.store.writeSpec({ ...fleet.spec, generation: 2, nodes: 3 });
  await fleet.keeper.turn.ask();
  await until('three jobs', () => fleet.jobs.size === 3);
  await fleet.store.writeSpec({ ...fleet.spec, generation: 3, nodes: 0 });
  await fleet.keeper.turn.ask();
  expect(await fleet.ended).toBe('stopped');
  expect([...fleet.jobs.values()].map(({ state }) => state)).toEqual(Array(3).fill('CANCELLED'));
});

it('a stop that could not record itself ends the keeper all the same', async () => {
  const fleet = await keptFleet(1);
  await until('ready', () => allReady(fleet));
  const [job = ''] = fleet.jobs.keys();
  fleet.setState(job, 'CANCELLED');
  await fleet.keeper.removeRequest();
  await fleet.keeper.turn.ask();
  expect(await fleet.ended).toBe('stopped');
});

it('a damaged keep.json ends no keeping: the keeper says so, and continues once it is written again', async () => {
  const fleet = await keptFleet(1);
  await until('ready', () => allReady(fleet));
  const { request } = fleet.keeper.files;
  const good = await readFile(request, 'utf8');
  await writeFile(request, '{"schema_ver');
  await fleet.keeper.turn.ask();
  await until('the problem', () => hasProblem(fleet, `${request} is damaged`));
  await writeFile(request, good);
  const [job = ''] = fleet.jobs.keys();
  fleet.setState(job, 'COMPLETED');
  await until('a second job', () => fleet.jobs.size === 2);
  await fleet.stop();
});

it('a spec that is lost with all jobs ends no keeping, since nobody has stopped the fleet', async () => {
  const fleet = await keptFleet(1);
  await until('ready', () => allReady(fleet));
  const { spec, submissions } = fleet.store.folders;
  fleet.fail('slurm_load_jobs error: Unable to contact slurm controller');
  fleet.jobs.clear();
  await writeFile(spec, '{"schema_ver');
  await rm(submissions, { recursive: true });
  await fleet.keeper.turn.ask();
  await fleet.passed(60);
  fleet.fail(undefined);
  await until('the problem', () => hasProblem(fleet, 'is lost, and no job has it'));
  await fleet.store.writeSpec(fleet.spec);
  await until('a job again', () => fleet.jobs.size === 1);
  expect((await fleet.events()).filter(({ reason }) => reason?.includes('is damaged'))).toHaveLength(1);
  await fleet.stop();
});

it.each([true, false])(
  'on a full disk an end is reported once, and that the disk is full; both are in the history later (no lock: %s)',
  async (locks) => {
    const fleet = await keptFleet(2);
    await until('2 ready', () => allReady(fleet));
    const [lost = ''] = fleet.jobs.keys();
    fleet.fillDisk({ locks });
    fleet.setState(lost, 'NODE_FAIL');
    await fleet.keeper.turn.ask();
    await fleet.passed(HOUR_S / 2);
    const told = () =>
      fleet.shown.flatMap(({ type, reason = '' }) => (type === 'keeper' ? [reason] : [])).slice(1);
    expect(told()).toEqual([expect.stringMatching(/cannot be written .*ENOSPC/)]);
    expect(fleet.calls.filter(({ tool }) => tool === 'sbatch')).toHaveLength(1);
    fleet.freeDisk();
    await until('a third job', () => fleet.jobs.size === 3);
    // A write that failed just before may be reported once more.
    await expect.poll(() => told().at(-1)).toBe('the keeper can do its work again');
    expect(fleet.shown.filter(({ state, job_id }) => state === 'gone' && job_id === lost)).toHaveLength(1);
    await fleet.stop();
    const recorded = await fleet.events();
    expect(recorded.filter(({ state, job_id }) => state === 'gone' && job_id === lost)).toHaveLength(1);
  },
);

const hasProblem = async ({ keeper }: Awaited<ReturnType<typeof keptFleet>>, words: string) =>
  (await keeper.readRecord())?.problem?.includes(words) === true;
