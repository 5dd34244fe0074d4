/** @module-tag matrix */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EndpointsFile } from '../../../../src/endpoints/schema.js';
import { until } from '../../../support/until.js';
import { type Machine, newMachine } from './machine.js';

let machine: Machine;
beforeAll(async () => {
  machine = await newMachine();
});
afterAll(() => machine?.leave());

const deploy = (...more: string[]) =>
  machine.sandboxctl(['deploy', '--fleet', 'front', '--nodes', '1', '--yes', ...more]);
const file = async () =>
  JSON.parse((await machine.sandboxctl(['endpoints', '--fleet', 'front'])).stdout) as EndpointsFile;
const status = async () => (await machine.sandboxctl(['status', '--fleet', 'front'])).stdout;
const gatewayRow = async () => /^gateway +(\S+) +(\S+)/m.exec(await status());

test('a local gateway starts with the fleet, is what client files name, and is replaced after it died', async () => {
  const deployed = await deploy('--gateway', 'job');
  expect(deployed.code, deployed.stderr).toBe(0);
  const { gateway, endpoints } = await file();
  expect(gateway).toMatchObject({ state: 'ready', auth: null, url: deployed.stdout.trim() });
  expect(endpoints.map(({ url }) => url)).not.toContain(gateway?.url);
  const url = gateway?.url ?? '';
  expect((await machine.sandboxctl(['endpoints', '--fleet', 'front', '--format', 'txt'])).stdout).toBe(
    `${url}\n`,
  );
  const ran = await machine.sandboxctl([
    'run',
    '--fleet',
    'front',
    '--language',
    'bash',
    '--json',
    '/dev/null',
  ]);
  expect(JSON.parse(ran.stdout)).toMatchObject({ exit_code: 0, url });
  expect((await machine.sandboxctl(['logs', 'gateway', '-n', 'all'])).stdout).toContain(
    'sandboxctl gateway: ready on',
  );

  // Nobody asks for it again, and it stays.
  const again = await deploy();
  expect([again.code, again.stdout]).toEqual([0, deployed.stdout]);
  expect(again.stderr).not.toContain('submitted');

  const { leader_pid: pid } = await machine.record(gateway?.job_id ?? '');
  process.kill(pid, 'SIGKILL');
  await until('the gateway is gone', async () => (await gatewayRow())?.[1] === 'gone');
  const healed = await deploy();
  expect(healed.stderr).toMatch(/submitted job \d+ for the gateway/);
  expect(healed.stderr).not.toContain('job array');
  expect((await file()).gateway?.job_id).not.toBe(gateway?.job_id);
  expect((await fetch(`${(await file()).gateway?.url}/healthz`)).status).toBe(200);
});

test('a local gateway is recognized by its script without a state folder, and --gateway none ends it alone', async () => {
  const before = (await file()).gateway?.job_id;
  await machine.forget('front');
  await until('its job brings it back', async () => (await gatewayRow())?.[2] === before);
  const ended = await deploy('--gateway', 'none');
  expect(ended.code, ended.stderr).toBe(0);
  expect(ended.stderr).toContain('Its gateway will be cancelled.');
  expect(await status()).not.toMatch(/^gateway/m);
  const { gateway, endpoints } = await file();
  expect([gateway, endpoints.map(({ url }) => url)]).toEqual([null, [ended.stdout.trim()]]);
});

test('stop ends a local gateway with the servers, and the next deploy has none', async () => {
  expect((await deploy('--gateway', 'here')).code).toBe(0);
  const { url = '' } = (await file()).gateway ?? {};
  const stopped = await machine.sandboxctl(['stop', '--yes', '--fleet', 'front']);
  expect(stopped.stderr).toContain('2 jobs are gone');
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  const plan = await deploy('--dry-run');
  expect(plan.stdout).not.toContain('gateway');
});
