import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ended } from '../../../cli/run.js';
import { follow } from '../../../support/follow.js';
import { answers, type Machine, newMachine } from './machine.js';

vi.setConfig({ testTimeout: 180_000 });

let machine: Machine;
beforeAll(async () => {
  machine = await newMachine();
});
afterAll(() => machine?.leave());

/** One server with a run on it that goes on until a file is there. */
async function busyServer() {
  const deployed = await machine.sandboxctl([
    'deploy',
    '--fleet',
    'busy',
    '--nodes',
    '1',
    '--isolation',
    'none',
  ]);
  expect(deployed.code, deployed.stderr).toBe(0);
  const url = deployed.stdout.trim();
  const release = `${machine.folder}/release-${Math.random()}`;
  const code = `import os, time\nwhile not os.path.exists(${JSON.stringify(release)}): time.sleep(0.05)\nprint("whole")`;
  const run = fetch(`${url}/run_code`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, language: 'python', run_timeout: 100 }),
  });
  const busy = async () =>
    ((await (await fetch(`${url}/v1/capacity`)).json()) as { running: number }).running;
  // The job's own health check may be under way too.
  await expect.poll(busy, { timeout: 60_000 }).toBeGreaterThan(0);
  return { url, release, run };
}

function stopping() {
  const child = machine.spawned(['stop', '--yes', '--fleet', 'busy'], { SANDBOXCTL_DRAIN: '100s' });
  return { child, end: ended(child) };
}

test('stop waits for a run to end, also when an earlier stop was killed while it waited', async () => {
  const { url, release, run } = await busyServer();
  const killed = stopping();
  await follow(killed.child).line('after 100 s at the latest: the fleet is stopped');
  killed.child.kill('SIGKILL');
  await killed.end;
  const second = stopping();
  await follow(second.child).line('after 100 s at the latest: the fleet is stopped');
  expect((await machine.sandboxctl(['endpoints', '--fleet', 'busy', '--all'])).stdout).toContain(
    '"draining"',
  );
  await writeFile(release, '');
  expect(await (await run).json()).toMatchObject({ status: 'Success', run_result: { stdout: 'whole\n' } });
  const stopped = await second.end;
  expect([stopped.code, stopped.stderr]).toEqual([
    0,
    expect.stringMatching(/sandboxctl cancelled job .*: the fleet is stopped/),
  ]);
  expect(await answers(url)).toBe(false);
  const events = await machine.sandboxctl(['events', '--fleet', 'busy']);
  expect(events.stdout).toContain('cancelled: the fleet is stopped');
});

test('a second Ctrl-C during stop cancels the jobs at once', async () => {
  const { url, run } = await busyServer();
  const waiting = stopping();
  await follow(waiting.child).line('after 100 s at the latest');
  waiting.child.kill('SIGINT');
  await follow(waiting.child).line('press Ctrl-C again to cancel the jobs at once');
  waiting.child.kill('SIGINT');
  const stopped = await waiting.end;
  expect([stopped.code, stopped.stderr]).toEqual([
    0,
    expect.stringMatching(/sandboxctl cancelled job .*: the fleet is stopped/),
  ]);
  expect(await answers(url)).toBe(false);
  await run.then((answer) => answer.text()).catch(() => undefined);
});
