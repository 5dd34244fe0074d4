import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Machine, newMachine } from './machine.js';

vi.setConfig({ testTimeout: 180_000 });

let machine: Machine;
let gateway = '';
beforeAll(async () => {
  machine = await newMachine();
  const deployed = await deploy('--nodes', '2', '--gateway', 'here');
  expect(deployed.code, deployed.stderr).toBe(0);
  gateway = deployed.stdout.trim();
});
afterAll(() => machine?.leave());

const fleet = ['--fleet', 'replaced'];
const deploy = (...more: string[]) =>
  machine.sandboxctl(['deploy', ...fleet, '--isolation', 'none', '--yes', ...more]);
const jobs = async () => (await machine.endpoints('replaced')).map(({ job_id }) => job_id);
const events = async () => (await machine.sandboxctl(['events', ...fleet])).stdout;

/** Runs programs through the gateway, two at a time, until `during` is over; returns how many, and those that failed. */
async function underLoad(during: Promise<unknown>): Promise<{ sent: number; failed: unknown[] }> {
  let over = false;
  let sent = 0;
  const failed: unknown[] = [];
  const send = async () => {
    while (!over) {
      sent += 1;
      const body = JSON.stringify({
        code: `import time; time.sleep(0.2); print(${sent})`,
        language: 'python',
      });
      const headers = { 'content-type': 'application/json' };
      const expected = `${sent}\n`;
      const answer = await fetch(`${gateway}/run_code`, { method: 'POST', headers, body })
        .then(async (response) => ({ status: response.status, body: await response.json() }))
        .catch((error: unknown) => ({ status: String(error), body: {} }));
      const { run_result } = answer.body as { run_result?: { stdout: string } };
      if (answer.status !== 200 || run_result?.stdout !== expected) failed.push(answer);
    }
  };
  const senders = [send(), send()];
  await during;
  over = true;
  await Promise.all(senders);
  return { sent, failed };
}

test('renew replaces every server, and no request through the gateway fails', async () => {
  const before = await jobs();
  const asked = await machine.sandboxctl(['renew', ...fleet]);
  expect([asked.code, asked.stderr]).toEqual([
    2,
    expect.stringMatching(
      /New jobs of the same spec will replace all 2 servers of fleet replaced\. .*--yes/s,
    ),
  ]);
  expect(await jobs()).toEqual(before);
  const renewed = machine.sandboxctl(['renew', '--yes', ...fleet]);
  const load = await underLoad(renewed);
  expect((await renewed).code, (await renewed).stderr).toBe(0);
  expect(load.failed).toEqual([]);
  expect(load.sent).toBeGreaterThan(10);
  const after = await jobs();
  expect(after).toHaveLength(2);
  for (const id of after) expect(before).not.toContain(id);
  // Each of them ended only once its successor had taken over.
  expect(await events()).toMatch(/cancelled: renew was asked for; job \S+ has taken over/);
});

test('scale ends servers after their runs, and starts them again', async () => {
  const fewer = machine.sandboxctl(['scale', '1', '--yes', ...fleet]);
  expect(await underLoad(fewer)).toMatchObject({ failed: [] });
  expect((await fewer).code, (await fewer).stderr).toBe(0);
  expect(await jobs()).toHaveLength(1);
  const more = await machine.sandboxctl(['scale', '2', ...fleet]);
  expect(more.code, more.stderr).toBe(0);
  expect(await jobs()).toHaveLength(2);
});

test('a deploy whose new servers fail goes back to the spec before, and the servers of that stay', async () => {
  const before = await jobs();
  const broken = deploy('--nodes', '2', '--env', 'NODE_OPTIONS=--no-such-option');
  const load = await underLoad(broken);
  const { code, stderr } = await broken;
  expect([code, load.failed]).toEqual([5, []]);
  expect(stderr).toMatch(
    /do not become ready, 1 failed: .*; the fleet went back to its earlier spec: 2 of 2 servers are ready/,
  );
  expect(await jobs()).toEqual(before);
  // One that failed was enough.
  expect(stderr.match(/submitted job/g)).toHaveLength(1);
  const again = await deploy('--nodes', '2');
  expect([again.code, again.stderr.includes('submitted')]).toEqual([0, false]);
});

test('a server that stopped for a new spec that fails is started again with the old one', {
  tags: 'matrix',
}, async () => {
  const before = await jobs();
  const options = ['--max-surge', '0', '--max-unavailable', '1', '--env', 'NODE_OPTIONS=--no-such-option'];
  const { code, stderr } = await deploy('--nodes', '2', ...options);
  expect(code, stderr).toBe(5);
  expect(stderr).toContain('the fleet went back to its earlier spec: 2 of 2 servers are ready');
  const after = await jobs();
  expect(after.filter((id) => before.includes(id))).toHaveLength(1);
});
