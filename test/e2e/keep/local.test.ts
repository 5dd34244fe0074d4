import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventLine } from '../../../src/fleet/event-line.js';
import type { FleetEvent } from '../../../src/fleet/events.js';
import { isRunning } from '../../../src/machine/pid.js';
import type { KeeperRecord } from '../../../src/state/keeper.js';
import { follow } from '../../support/follow.js';
import { until } from '../../support/until.js';
import { type Machine, newMachine } from '../deploy/local/machine.js';
import { killServer } from './kill-server.js';

let machine: Machine;
beforeAll(async () => {
  machine = await newMachine();
});
afterAll(() => machine?.leave());

const NO_DRAIN = ['--drain', '0'];

async function deploy(fleet: string, nodes = 1) {
  const args = ['deploy', '--fleet', fleet, '--nodes', String(nodes), ...NO_DRAIN, '--yes'];
  const ended = await machine.sandboxctl(args);
  expect(ended.code, ended.stderr).toBe(0);
  return ended;
}

async function keeperOf(fleet: string): Promise<KeeperRecord | undefined> {
  const path = join(machine.folder, 'state/fleets', fleet, 'keeper.json');
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as KeeperRecord);
}

async function keep(fleet: string, ...more: string[]): Promise<KeeperRecord> {
  const ended = await machine.sandboxctl(['keep', '--detach', '--fleet', fleet, ...more]);
  expect(ended.code, ended.stderr).toBe(0);
  const record = await keeperOf(fleet);
  if (record === undefined) throw new Error('no record of a keeper');
  return record;
}

/** What `events` has of a fleet. */
async function history(fleet: string): Promise<FleetEvent[]> {
  const { stdout } = await machine.sandboxctl(['events', '--fleet', fleet]);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as FleetEvent);
}

const optionsOf = async (fleet: string) =>
  JSON.parse(await readFile(join(machine.folder, 'state/fleets', fleet, 'keep.json'), 'utf8')).options;

const readyJobs = async (fleet: string) => (await machine.endpoints(fleet)).map(({ job_id }) => job_id);

describe('a keeper in the background', () => {
  let pid: number;
  beforeAll(async () => {
    await deploy('held', 2);
    ({ pid } = await keep('held', '--on-failure', 'touch failed', '--idle-stop', '5h'));
  });

  it('replaces a server that died, and lets deploy through', async () => {
    const lost = await killServer(machine, 'held');
    await until('a successor', async () => {
      const jobs = await readyJobs('held');
      return jobs.length === 2 && !jobs.includes(lost);
    });
    await deploy('held', 3);
    expect(await readyJobs('held')).toHaveLength(3);
    const status = await machine.sandboxctl(['status', '--fleet', 'held']);
    expect(status.stdout).toMatch(new RegExp(`keeper: alive, pid ${pid} on .*, last looked`));
    const told = await history('held');
    const first = told.filter((event) => event.job_id === lost);
    expect(first.filter(({ state }) => state === 'ready')).toHaveLength(1);
    expect(first.map(eventLine)).toContainEqual(
      expect.stringMatching(
        /^job \S+ of instance 0 .*has ended: .*; (another job is submitted|job \S+ takes its place)/,
      ),
    );
    expect(told.map(eventLine)).toContainEqual(
      expect.stringMatching(
        new RegExp(`^submitted .* for instance 0, (in place of|to take over from) job ${lost}`),
      ),
    );
  });

  it('refuses a second keeper of the same fleet', async () => {
    const second = await machine.sandboxctl(['keep', '--fleet', 'held']);
    expect(second.code).toBe(8);
    expect(second.stderr).toMatch(new RegExp(`has a keeper already\\n +keep by .*, pid ${pid} on `));
    expect(isRunning(pid)).toBe(true);
  });

  it('that was killed is a warning of every command until another one keeps the fleet, and ends with the fleet', async () => {
    process.kill(pid, 'SIGKILL');
    const program = join(machine.folder, 'hello.py');
    await writeFile(program, 'print("hello")');
    const commands = [
      ['status'],
      ['status', '--json'],
      ['endpoints'],
      ['events'],
      ['logs', '0'],
      ['gc'],
      ['run', program],
    ];
    for (const args of commands) {
      const { code, stderr } = await machine.sandboxctl([...args, '--fleet', 'held']);
      expect([args, code, stderr]).toEqual([
        args,
        0,
        expect.stringMatching(
          /is dead, last seen .*'sandboxctl keep --on here --detach --fleet held' starts another/,
        ),
      ]);
    }
    const before = await readyJobs('held');
    const lost = await killServer(machine, 'held');
    const options = { idleStop: 5 * 3600, hooks: { ready: null, endpoints: null, failure: 'touch failed' } };
    const next = await keep('held');
    expect(await optionsOf('held')).toMatchObject(options);
    const changed = await machine.sandboxctl(['keep', '--on-ready', 'true', '--fleet', 'held']);
    expect([changed.code, changed.stderr]).toEqual([
      0,
      'the keeper of fleet held continues with the new settings\n',
    ]);
    const hooks = { ready: 'true', endpoints: null, failure: 'touch failed' };
    expect(await optionsOf('held')).toMatchObject({ ...options, hooks });
    await until('a successor', async () => {
      const jobs = await readyJobs('held');
      return jobs.length === before.length && !jobs.includes(lost);
    });
    const { stderr } = await machine.sandboxctl(['status', '--fleet', 'held']);
    expect(stderr).not.toContain('dead');
    const log = await readFile(join(machine.folder, 'state/fleets/held/keeper.log'), 'utf8');
    const starts = log.match(/instance .* is starting .*/g) ?? [];
    expect([starts.length > 0, starts]).toEqual([true, [...new Set(starts)]]);
    const stopped = await machine.sandboxctl(['stop', '--yes', '--fleet', 'held']);
    expect([stopped.code, stopped.stderr]).toEqual([0, expect.not.stringContaining('warning')]);
    expect(await keeperOf('held')).toBeUndefined();
    await until('the end of the keeper', async () => !isRunning(next.pid));
  });
});

it('a keeper in the foreground ends with Ctrl-C, after which no command expects a keeper', async () => {
  await deploy('front');
  const keeper = machine.spawned(['keep', '--fleet', 'front']);
  const { line, ended } = follow(keeper);
  await line('clients have 1 of 1');
  keeper.kill('SIGINT');
  expect((await ended).code).toBe(130);
  const { stdout, stderr } = await machine.sandboxctl(['status', '--fleet', 'front']);
  expect(`${stdout}${stderr}`).not.toContain('keeper');
});

it('keep --once repairs the fleet and ends', async () => {
  const lost = await killServer(machine, 'front');
  const round = await machine.sandboxctl(['keep', '--once', '--fleet', 'front']);
  expect(round.code, round.stderr).toBe(0);
  await until('a successor', async () => {
    const jobs = (await machine.sandboxctl(['keep', '--once', '--fleet', 'front'])).code === 0;
    return jobs && !(await readyJobs('front')).includes(lost) && (await readyJobs('front')).length === 1;
  });
  const { stdout } = await machine.sandboxctl(['status', '--fleet', 'front']);
  expect(stdout).toMatch(/keeper: waiting, .*last looked/);
});

it('a fleet on this machine leaves out no node: it has no other', async () => {
  await killServer(machine, 'front');
  await until('the second failure', async () => {
    await machine.sandboxctl(['keep', '--once', '--fleet', 'front']);
    return (await history('front')).filter(({ state }) => state === 'gone').length >= 2;
  });
  const { stdout } = await machine.sandboxctl(['status', '--fleet', 'front']);
  expect(stdout + JSON.stringify(await history('front'))).not.toContain('gets no jobs');
});

it('an endpoints file of a clock that was ahead is written again', async () => {
  const path = join(machine.folder, 'state/fleets/front/endpoints.json');
  const updated = async () => JSON.parse(await readFile(path, 'utf8')).updated_at as string;
  const ahead = new Date(Date.now() + 86_400_000).toISOString();
  await writeFile(path, (await readFile(path, 'utf8')).replace(await updated(), ahead));
  await machine.sandboxctl(['status', '--fleet', 'front']);
  expect(Date.parse(await updated())).toBeLessThanOrEqual(Date.now());
});

it('only a deployed fleet can be kept', async () => {
  const none = await machine.sandboxctl(['keep', '--fleet', 'none']);
  expect(none.code).toBe(7);
  await machine.sandboxctl(['stop', '--yes', '--fleet', 'front']);
  const stopped = await machine.sandboxctl(['keep', '--fleet', 'front']);
  expect([stopped.code, stopped.stderr]).toEqual([7, expect.stringContaining('is stopped')]);
});
