import { writeFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Ended } from '../../../cli/run.js';
import { until } from '../../../support/until.js';
import { killServer } from '../../keep/kill-server.js';
import { answers, type Machine, newMachine } from './machine.js';

let machine: Machine;
let deployed: Ended;
beforeAll(async () => {
  machine = await newMachine();
  deployed = await deploy();
});
afterAll(() => machine?.leave());

const fleet = ['--fleet', 'here'];
const deploy = (...more: string[]) => machine.sandboxctl(['deploy', ...fleet, '--nodes', '2', ...more]);
const status = async () => (await machine.sandboxctl(['status', ...fleet])).stdout;
const isGone = async (id: string, cause: string) =>
  (await status()).split('\n').some((line) => new RegExp(` gone +${id} .*${cause}`).test(line));
/** A server that deploy proved is `starting` to others until its own job has proven it too. */
const bothReady = () =>
  until('both servers ready', async () => (await status()).includes('fleet here: 2 of 2 ready'));
const urlsOf = ({ stdout }: Ended) => stdout.trim().split('\n');

async function run(code: string, ...more: string[]): Promise<Ended> {
  const file = join(machine.folder, 'program.py');
  await writeFile(file, code);
  return machine.sandboxctl(['run', '--language', 'python', ...fleet, ...more, file]);
}

/** The job of an instance, from the endpoints file. */
async function jobOf(instance: number): Promise<{ id: string; url: string }> {
  const found = (await machine.endpoints('here')).find((one) => one.instance === instance);
  if (found === undefined) throw new Error(`instance ${instance} is not ready`);
  return { id: found.job_id, url: found.url };
}

test('deploy on this machine starts two healthy servers on loopback ports of their own', async () => {
  expect(deployed.code, deployed.stderr).toBe(0);
  const urls = urlsOf(deployed);
  expect(urls).toHaveLength(2);
  expect(new Set(urls).size).toBe(2);
  for (const url of urls) expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect((await machine.endpoints('here')).map(({ url }) => url)).toEqual(urls);
  expect(deployed.stderr).toContain('every user of this machine can run code');
});

test('the jobs of a local fleet outlive deploy, and other commands find them', async () => {
  await bothReady();
  const again = await deploy();
  expect([again.code, urlsOf(again)]).toEqual([0, urlsOf(deployed)]);
  expect(again.stderr).not.toContain('submitted');
  const { id } = await jobOf(1);
  expect((await machine.sandboxctl(['logs', id, ...fleet, '-n', 'all'])).stdout).toMatch(
    /^sandboxctl: ready on /m,
  );
  // The first job of this machine has the number 1 too.
  expect((await machine.sandboxctl(['logs', '1', ...fleet])).stdout).toMatch(
    new RegExp(`^sandboxctl: instance 1 of fleet here is job ${id} `, 'm'),
  );
  expect((await machine.sandboxctl(['logs', '1', ...fleet])).stdout).not.toContain('instance 0');
});

test('the servers of a local fleet share CPUs and memory of the machine', async () => {
  const logs = await Promise.all(
    [0, 1].map(async (instance) => {
      const { id } = await jobOf(instance);
      return (await machine.sandboxctl(['logs', id, ...fleet, '-n', 'all'])).stdout;
    }),
  );
  const shares = logs.map((log) =>
    /(\d+) programs at once, of (\d+) MB each/.exec(log)?.slice(1).map(Number),
  );
  const [cpus, megabytes] = [availableParallelism(), totalmem() / 2 ** 20];
  for (const [programs = 0, each = 0] of shares.map((share) => share ?? [])) {
    expect(programs).toBeLessThanOrEqual(Math.max(1, cpus / 2));
    expect(programs * each).toBeGreaterThan(0);
    expect(programs * each).toBeLessThanOrEqual((megabytes * 0.8) / 2);
  }
});

test('logs -f follows a server of a local fleet', async () => {
  const { id } = await jobOf(0);
  const child = machine.spawned(['logs', id, ...fleet, '-f']);
  let text = '';
  child.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  // Each run is a line of its server's log.
  const runs = () => text.match(/"language":"python"/g)?.length ?? 0;
  await until('a run in the log', async () => runs() > 0);
  const before = runs();
  const { url } = await jobOf(0);
  await fetch(`${url}/run_code`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: 'print(1)', language: 'python' }),
  });
  await until('another run in the log', async () => runs() > before);
  child.kill('SIGINT');
});

test('run on a local fleet isolates the program, and ends with its exit code', async () => {
  const told = await run(`
import os, sys
print(os.path.exists(${JSON.stringify(machine.folder)}), len([p for p in os.listdir("/proc") if p.isdigit()]) < 5)
sys.exit(7)`);
  expect(told).toEqual({ code: 7, stdout: 'False True\n', stderr: '' });
  expect((await run('while True: pass', '--timeout', '1')).code).toBe(124);
});

test('status reports the exit code of a local server that dies, and deploy replaces it', async () => {
  const id = await killServer(machine, 'here');
  await until('the end of the job', async () => isGone(id, 'its server was ended by SIGKILL'));
  // What status saw the endpoints say as well, and the history.
  expect((await machine.sandboxctl(['endpoints', '--all', ...fleet])).stdout).toMatch(
    new RegExp(`"job_id": "${id}",\\s+"state": "gone"`),
  );
  const { stdout: told } = await machine.sandboxctl(['events', ...fleet]);
  expect(told.match(new RegExp(`"job_id":"${id}".*"state":"gone".*ended by SIGKILL`, 'g'))).toHaveLength(1);
  expect(await machine.record(id)).toMatchObject({ state: 'FAILED', exit_code: 137 });
  const back = await deploy();
  expect(back.code, back.stderr).toBe(0);
  expect((await jobOf(0)).id).not.toBe(id);
});

test('status reports local jobs as failed after a restart of the machine', { tags: 'matrix' }, async () => {
  const { id } = await jobOf(1);
  const { boot_id } = await machine.record(id);
  await machine.changeRecord(id, { boot_id: 'of-another-start' });
  expect(await isGone(id, 'the machine was restarted')).toBe(true);
  await machine.changeRecord(id, { boot_id });
  await bothReady();
});

test('the server of a killed supervisor keeps running and stays in status', {
  tags: 'matrix',
}, async () => {
  const { id } = await jobOf(0);
  const { supervisor_pid, leader_pid } = await machine.record(id);
  process.kill(supervisor_pid, 'SIGKILL');
  await bothReady();
  const { url } = await jobOf(0);
  process.kill(leader_pid, 'SIGKILL');
  await until('the end of the job', async () => isGone(id, 'its supervisor was killed'));
  // Nobody is left to end it but the kernel.
  await until('the end of its server', async () => !(await answers(url)));
});

test('stop ends a local fleet, and run then suggests deploy', async () => {
  const urls = (await machine.endpoints('here')).map(({ url }) => url);
  const gone = (await status()).includes(' gone ') ? '1 job is gone' : '2 jobs are gone';
  const stopped = await machine.sandboxctl(['stop', '--yes', ...fleet]);
  expect([stopped.code, stopped.stderr]).toEqual([0, expect.stringContaining(gone)]);
  expect(await Promise.all(urls.map(answers))).not.toContain(true);
  expect(await run('1')).toMatchObject({ code: 125, stderr: expect.stringContaining('deploy') });
});

test('a local job ends at its time limit, and status shows that', async () => {
  const short = ['--fleet', 'short'];
  const sent = await machine.sandboxctl(['deploy', ...short, '--nodes', '1', '--time', '0:02', '--no-wait']);
  expect(sent.code, sent.stderr).toBe(0);
  await until('the end of its time', async () =>
    (await machine.sandboxctl(['status', ...short])).stdout.includes('its time limit ended'),
  );
});
