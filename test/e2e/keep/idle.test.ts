import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../support/until.js';
import { type Machine, newMachine } from '../deploy/local/machine.js';
import { killServer } from './kill-server.js';

let machine: Machine;
beforeAll(async () => {
  machine = await newMachine();
});
afterAll(() => machine?.leave());

const status = async (fleet: string) => {
  const { stdout, stderr } = await machine.sandboxctl(['status', '--fleet', fleet]);
  return stdout + stderr;
};

async function deployIdle(fleet: string, idle: string): Promise<void> {
  const flags = ['--nodes', '1', '--drain', '0', '--keep', '--idle-stop', idle];
  const { code, stderr } = await machine.sandboxctl(['deploy', '--fleet', fleet, ...flags]);
  expect(code, stderr).toBe(0);
}

it('a fleet that runs nothing is stopped; exec starts it again, with its keeper', async () => {
  await deployIdle('idle', '3s');
  await until('the idle stop', async () => (await status('idle')).includes('nothing for 3s'));
  const told = 'the keeper stops the fleet, since it has run nothing for 3s (--idle-stop)';
  const stops = async () =>
    (await machine.sandboxctl(['events', '--fleet', 'idle'])).stdout.split(told).length - 1;
  expect(await stops()).toBe(1);

  const exec = ['exec', '--fleet', 'idle', '--', 'sh', '-c', 'curl -sf $SANDBOX_FUSION_ENDPOINT/v1/ping'];
  const woken = await machine.sandboxctl(exec);
  expect([woken.code, woken.stdout, woken.stderr]).toEqual([
    0,
    '"pong"',
    expect.stringContaining('starting the fleet again, with 1 server'),
  ]);
  // Only a keeper does that.
  await until('the idle stop of its new keeper', async () => (await stops()) === 2);
  const stopped = await machine.sandboxctl(['stop', '--yes', '--fleet', 'idle']);
  expect(stopped.code).toBe(0);
  expect((await machine.sandboxctl(exec)).code).toBe(125);
});

it('a fleet that is used all the time is not stopped as idle', { tags: 'matrix' }, async () => {
  await deployIdle('used', '8s');
  const [{ url = '' } = {}] = await machine.endpoints('used');
  const body = JSON.stringify({ language: 'python', code: 'print(7)' });
  const headers = { 'content-type': 'application/json' };
  // Longer than the idle time.
  for (const end = Date.now() + 12_000; Date.now() < end; ) {
    const answer = await fetch(`${url}/run_code`, { method: 'POST', headers, body });
    expect(await answer.json()).toMatchObject({ run_result: { stdout: '7\n' } });
  }
  expect(await status('used')).toMatch(/keeper: alive/);
  await machine.sandboxctl(['stop', '--yes', '--fleet', 'used']);
});

it('hooks run when the fleet is ready, when its endpoints change and when a server fails', async () => {
  const log = (name: string) => join(machine.folder, `${name}.ndjson`);
  const flags = ['--on-ready', '--on-endpoints', '--on-failure'].flatMap((flag) => [
    flag,
    `cat >> ${log(flag.replace('--on-', ''))}`,
  ]);
  const deploy = ['deploy', '--fleet', 'hooked', '--nodes', '2', '--drain', '0', '--keep', ...flags];
  const deployed = await machine.sandboxctl(deploy);
  expect(deployed.code, deployed.stderr).toBe(0);
  const told = async (name: string) =>
    (await readFile(log(name), 'utf8').catch(() => ''))
      .split('\n')
      .filter(Boolean)
      .map(
        (line) =>
          JSON.parse(line) as { type: string; job_id?: string; data: { ready?: number; urls: string[] } },
      );
  const [ready] = await told('ready');
  expect(ready).toMatchObject({ type: 'endpoints', data: { ready: 2, nodes: 2 } });
  expect(ready?.data.urls).toHaveLength(2);
  expect(await told('failure')).toEqual([]);
  const lost = await killServer(machine, 'hooked');
  await until('the failure', async () =>
    (await told('failure')).some(({ type, job_id }) => type === 'instance' && job_id === lost),
  );
  await until('fewer endpoints', async () => (await told('endpoints')).some(({ data }) => data.ready === 1));
  await until('ready again', async () => (await told('ready')).length >= 2);
  await machine.sandboxctl(['stop', '--yes', '--fleet', 'hooked']);
});

it('a hook that fails is a warning and holds up nothing, and --idle-stop is refused for keep --once', async () => {
  const flags = ['--nodes', '1', '--drain', '0', '--on-ready', 'echo oh no; exit 3'];
  const { code, stderr } = await machine.sandboxctl(['deploy', '--fleet', 'bad', ...flags]);
  expect([code, stderr]).toEqual([0, expect.stringContaining('--on-ready failed (exit code 3)')]);
  const log = await readFile(join(machine.folder, 'state/fleets/bad/hooks.log'), 'utf8');
  expect(log).toMatch(/on-ready: echo oh no; exit 3: exit code 3 .*\n {2}oh no\n/);
  const refused = await machine.sandboxctl(['keep', '--once', '--idle-stop', '2h', '--fleet', 'bad']);
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringContaining('--idle-stop needs a keeper that stays'),
  ]);
});
