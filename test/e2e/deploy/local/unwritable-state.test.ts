/** @module-tag matrix */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { isRunning } from '../../../../src/machine/pid.js';
import { type Ended, ended } from '../../../cli/run.js';
import { until } from '../../../support/until.js';
import { answers, type Machine, newMachine } from './machine.js';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

/** Words that run a command where files can be made and not filled, as on a full disk. */
const FULL = ['bash', '-c', 'ulimit -f 0; exec "$@"', 'bash'];
/** The same where the folder `$0` is read-only. */
const READ_ONLY = [
  ...['unshare', '--user', '--map-root-user', '--mount', 'bash', '-c'],
  'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"',
];
const ONCE = /^warning: this stop cannot be recorded \((EFBIG|EROFS).*'sandboxctl stop --fleet here'/gm;

let machine: Machine;
let readOnly: string[];
let url: string;
beforeAll(async () => {
  machine = await newMachine();
  readOnly = [...READ_ONLY, join(machine.folder, 'state')];
});
beforeEach(async () => {
  const told = await machine.sandboxctl(['deploy', '--fleet', 'here', '--nodes', '1']);
  expect(told.code, told.stderr).toBe(0);
  url = told.stdout.trim();
});
afterAll(() => machine?.leave());

const below = (words: readonly string[], ...args: string[]): Promise<Ended> =>
  ended(machine.spawned([...args, '--fleet', 'here'], {}, words));

describe.each([
  ['is on a full disk', () => FULL],
  ['is read-only', () => readOnly],
])('a state folder that %s', (_, words) => {
  it('does not keep stop from ending servers', async () => {
    const told = await below(words(), 'stop', '--yes');
    expect(told.code, told.stderr).toBe(0);
    expect(told.stderr.match(ONCE), told.stderr).toHaveLength(1);
    expect(told.stderr).toContain('fleet here is stopped: 1 job is gone');
    expect(await answers(url)).toBe(false);
    const again = await machine.sandboxctl(['stop', '--yes', '--fleet', 'here']);
    expect(again).toMatchObject({ code: 0, stderr: expect.not.stringContaining('warning') });
    expect((await machine.sandboxctl(['status'])).stdout).toBe('');
  });

  it('does not keep stop from ending the keeper, which would start the servers again', async () => {
    const kept = await machine.sandboxctl(['keep', '--detach', '--fleet', 'here']);
    const pid = Number(/pid (\d+)/.exec(kept.stderr)?.[1]);
    const told = await below(words(), 'stop', '--yes');
    expect(told.code, told.stderr).toBe(0);
    await until('the end of the keeper', () => !isRunning(pid));
    expect(await answers(url)).toBe(false);
    expect((await machine.sandboxctl(['stop', '--yes', '--fleet', 'here'])).code).toBe(0);
  });

  it('can still be read by every command', async () => {
    const there = (...args: string[]) => below(words(), ...args);
    await until('it is ready', async () => (await there('status')).stdout.includes('1 of 1 ready'));
    expect((await there('endpoints', '--format', 'txt')).stdout).toBe(`${url}\n`);
    // One that is young, and says the same, is not written again.
    const old = join(machine.folder, 'state/fleets/here/endpoints.json');
    const listed = JSON.parse(await readFile(old, 'utf8'));
    await writeFile(old, JSON.stringify({ ...listed, updated_at: new Date(0).toISOString() }));
    const checked = await there('endpoints', '--check', '--format', 'txt');
    expect(checked).toMatchObject({ code: 0, stdout: `${url}\n` });
    expect(checked.stderr).toMatch(/^warning: other commands still see the old endpoints: E/m);
    expect((await there('logs', '0')).stdout).toContain('sandboxctl: ready on');
    expect((await there('events')).stdout).toContain('"1 server is ready"');
    const refused = await there('deploy', '--nodes', '2');
    expect(refused.code).toBe(4);
    expect(refused.stderr).toMatch(/^error: cannot write or read \S+\/fleets\/here\/lock/m);
  });
});

it('stop ends a server without a supervisor on a read-only disk', async () => {
  const [id = ''] = (await machine.endpoints('here')).map((one) => one.job_id);
  process.kill((await machine.record(id)).supervisor_pid, 'SIGKILL');
  expect((await below(readOnly, 'stop', '--yes')).stderr).toContain('fleet here is stopped: 1 job is gone');
  expect(await answers(url)).toBe(false);
});

it('stop ends a server although nobody reads its output', async () => {
  const told = await below(['bash', '-c', '"$@" > /dev/full', 'bash'], 'stop', '--yes', '--json');
  expect(told.code).toBe(4);
  expect(JSON.parse(told.stderr)).toMatchObject({ error: { kind: 'tool' } });
  expect(await answers(url)).toBe(false);
});
