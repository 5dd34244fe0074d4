/** @module-tag matrix */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { environment, python } from '../../../script/servers.js';
import { commit, git, makeCheckout, makeConda, makeEnvironment } from '../../../support/checkout/index.js';
import { type Machine, newMachine } from '../local/machine.js';

let machine: Machine;
beforeAll(async () => {
  machine = await newMachine();
  await makeConda(join(machine.folder, 'miniconda3'), ['sandbox', 'sandbox-runtime']);
});
afterAll(() => machine?.leave());
afterEach(() => machine.sandboxctl(['stop', '--yes', '--fleet', 'here']));

const one = ['deploy', '--fleet', 'here', '--nodes', '1', '--workers', '1', '--isolation', 'none'];
const deploy = (path: string, ...more: string[]) => machine.sandboxctl([...one, '--checkout', path, ...more]);

test('two servers run from one checkout with our own config, and leave the checkout’s untouched', async () => {
  const path = await makeCheckout(join(machine.folder, 'Sandbox Fusion'), { target: 'run-online' });
  const deployed = await deploy(path, '--nodes', '2', '--env', 'COLOUR=red');
  expect(deployed.code, deployed.stderr).toBe(0);
  expect(deployed.stderr).toContain('isolation none: programs run with all of your permissions');
  const urls = deployed.stdout.trim().split('\n');
  expect(urls).toHaveLength(2);
  const seen = await environment(urls[1] ?? '');
  const config = expect.stringMatching(/^sandboxctl-[0-9a-f]{12}$/);
  expect(seen).toMatchObject({ COLOUR: 'red', MAKELEVEL: '1', SANDBOX_CONFIG: config });
  expect(Number(seen.SHLVL)).toBeGreaterThanOrEqual(2);
  expect(seen).not.toHaveProperty('UVICORN_LOOP');
  // Python runs in the environment for programs, as it does from the real server.
  expect(await python(urls[0] ?? '', 'import sys; print(sys.executable)')).toContain(
    '/envs/sandbox-runtime/bin/',
  );
  const log = await machine.sandboxctl(['logs', '0', '--fleet', 'here', '-n', 'all']);
  expect(log.stdout).toContain('isolation none, max_concurrency 0');
  expect(await git(path, 'status', '--porcelain')).toBe(`?? sandbox/configs/${seen.SANDBOX_CONFIG}.yaml\n`);

  const again = await deploy(path, '--nodes', '2', '--env', 'COLOUR=red');
  expect([again.code, again.stdout, again.stderr]).toEqual([
    0,
    deployed.stdout,
    expect.not.stringContaining('submitted'),
  ]);
  await commit(path, 'another server');
  const asked = await deploy(path, '--nodes', '2', '--env', 'COLOUR=red');
  expect(asked.code).toBe(2);
  expect(asked.stderr).toMatch(/checkout\.head: [0-9a-f]{40} -> [0-9a-f]{40}/);
});

test('a checkout without a make target starts uvicorn itself, with a named environment and a loop that loses no output', async () => {
  const path = await makeCheckout(join(machine.folder, 'bare'), { target: 'none' });
  const other = await makeEnvironment(join(machine.folder, 'miniconda3/envs/other'), { newer: true });
  const deployed = await deploy(path, '--checkout-env', 'other', '--env', 'SANDBOX_CONFIG=ci');
  expect(deployed.code, deployed.stderr).toBe(0);
  const seen = await environment(deployed.stdout.trim());
  expect(seen).toMatchObject({ UVICORN_LOOP: 'asyncio', PATH: expect.stringContaining(`${other}/bin:`) });
  expect(seen).not.toHaveProperty('MAKELEVEL');
});

test('deploy reports what a checkout lacks, and refuses a folder that is not one at once', async () => {
  const path = await makeCheckout(join(machine.folder, 'odd'), { target: 'run' });
  const lacking = await deploy(path, '--checkout-env', 'nosuch');
  expect(lacking).toMatchObject({ code: 5, stdout: '' });
  expect(lacking.stderr).toContain(`has no conda or poetry environment of the checkout ${path}`);
  const none = await deploy(join(path, 'sandbox'));
  expect(none).toMatchObject({ code: 2, stdout: '' });
  expect(none.stderr).toContain(`there is no checkout of SandboxFusion at ${path}/sandbox`);
  const nowhere = await machine.sandboxctl([...one, '--runtime', 'checkout']);
  expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining('set checkout too') });
  const mounted = await deploy(path, '--mount', '/a:/b');
  expect(mounted).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no container to mount folders into'),
  });
});
