import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { causeOf } from '../../src/failures/job-cause.js';
import type { JobFact } from '../../src/fleet/job-facts.js';
import { specLine } from '../../src/fleet/spec.js';
import { run } from '../../src/process/run.js';
import { localScheduler } from '../../src/scheduler/local/adapter.js';
import type { JobRecord } from '../../src/scheduler/local/records.js';
import type { Scheduler } from '../../src/scheduler/port.js';
import { specOf } from '../script/specs.js';
import { until } from '../support/until.js';

let folder: string;
let scheduler: Scheduler;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandboxctl-life-'));
  scheduler = localScheduler({ run, env: process.env, folder: local(), now: Date.now, grace: 2 });
});

afterEach(async () => {
  const left = (await jobs()).filter(({ state }) => state === 'RUNNING' || state === 'COMPLETING');
  await scheduler.cancel(left.map(({ id }) => id));
  await until('the job', async () =>
    (await jobs()).every(({ state }) => state !== 'RUNNING' && state !== 'COMPLETING'),
  );
  await rm(folder, { recursive: true });
});

const local = (...path: string[]) => join(folder, 'local', ...path);

async function submit(body: string): Promise<string> {
  const submission = { id: `s${Math.random().toString(36).slice(2)}`, instances: [0], array: '0', offset: 0 };
  const spec = specOf({ nodes: 1, output: join(folder, '%A_%a.log'), job: { cluster: 'local' } });
  const scriptPath = join(folder, `${submission.id}.sbatch`);
  await writeFile(scriptPath, `#!/bin/bash\n${specLine(spec, { id: submission.id, offset: 0 })}\n${body}\n`);
  const answer = await scheduler.submit({ submission, scriptPath, cwd: folder });
  if (answer.kind !== 'submitted') throw new Error(answer.detail);
  return `${answer.jobId}_0`;
}

async function jobs(): Promise<JobFact[]> {
  const answer = await scheduler.list({ fleet: null });
  return answer.ok ? answer.jobs : [];
}

const job = async (id: string) => (await jobs()).find((one) => one.id === id);
const recordOf = (id: string) => local(id.split('_')[0] ?? '', `${id}.json`);
const read = async (id: string) => JSON.parse(await readFile(recordOf(id), 'utf8')) as JobRecord;
const log = (id: string) => readFile(join(folder, `${id}.log`), 'utf8').catch(() => '');

/** The record as it would stand there under other circumstances. */
async function change(id: string, changes: Partial<JobRecord>): Promise<JobRecord> {
  const before = await read(id);
  await writeFile(recordOf(id), JSON.stringify({ ...before, ...changes }));
  return before;
}

/** A dead process that nobody has buried yet does not live. */
const lives = async (pid: number) => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return /\) [^ZX]/.test(stat);
};

test('a job whose supervisor was killed still runs, and can be ended', async () => {
  const id = await submit(`trap 'echo heard; exit 0' TERM; echo up; while :; do sleep 0.1; done`);
  await until('the job', async () => (await log(id)).includes('up'));
  const { supervisor_pid, leader_pid } = await read(id);
  process.kill(supervisor_pid, 'SIGKILL');
  await until('the job', async () => !(await lives(supervisor_pid)));
  expect(await job(id)).toMatchObject({ state: 'RUNNING' });
  expect(await scheduler.cancel([id])).toEqual({ ok: true });
  await until('the job', async () => (await job(id))?.state === 'CANCELLED');
  expect(await lives(leader_pid)).toBe(false);
  expect(await log(id)).toContain('heard');
});

test('a job that ended without its supervisor has failed, and nobody claims to know how', async () => {
  const id = await submit('exec sleep 600');
  const { supervisor_pid, leader_pid } = await read(id);
  for (const pid of [supervisor_pid, leader_pid]) process.kill(pid, 'SIGKILL');
  await until('the job', async () => (await job(id))?.state === 'FAILED');
  const end = (await scheduler.endings([id])).get(id);
  expect(end).toMatchObject({ state: 'FAILED', reason: 'SupervisorKilled', exitCode: null });
  if (end === undefined) return;
  expect(causeOf(end, [], { image: '', port: 8080, logFound: true }).cause).toMatch(/supervisor was killed/);
});

test('after a restart of the machine no process is taken for the job', async () => {
  const id = await submit('sleep 600');
  const before = await change(id, { boot_id: 'of-another-start' });
  expect(await job(id)).toMatchObject({ state: 'FAILED', reason: 'MachineRestarted' });
  await scheduler.cancel([id]);
  expect(await lives(before.leader_pid)).toBe(true);
  const end = (await scheduler.endings([id])).get(id);
  if (end === undefined) throw new Error('its end is not known');
  expect(causeOf(end, ['OOM'], { image: '', port: 8080, logFound: true }).cause).toMatch(/restarted/);
  await change(id, before);
});

test('another process under the same pid is not taken for the job', async () => {
  const id = await submit('sleep 600');
  const before = await change(id, { supervisor_start: 1, leader_start: 1 });
  expect(await job(id)).toMatchObject({ state: 'FAILED', reason: 'SupervisorKilled' });
  await change(id, before);
  expect(await job(id)).toMatchObject({ state: 'RUNNING' });
});

test('of a job on another machine its last word stands', async () => {
  const id = await submit('sleep 600');
  const before = await change(id, { host: 'another', supervisor_start: 1, leader_start: 1 });
  expect(await job(id)).toMatchObject({ state: 'RUNNING' });
  await change(id, before);
});

test('a job puts its record back where somebody deleted the state folder', async () => {
  const id = await submit('sleep 600');
  const script = await scheduler.script(id);
  await rm(local(), { recursive: true });
  await until('the job', async () => (await job(id))?.state === 'RUNNING');
  expect(await scheduler.script(id)).toBe(script);
});

test('what a job leaves behind ends with it, whatever session or environment it chose', async () => {
  const daemons = {
    keyed: "setsid sh -c 'echo $$ >keyed; exec sleep 600' &",
    child: "env -i setsid sh -c 'echo $$ >child; exec sleep 600' &",
  };
  const wait = 'while [ ! -s keyed ] || [ ! -s child ]; do sleep 0.1; done; echo up';
  const id = await submit([...Object.values(daemons), wait, 'sleep 600'].join('\n'));
  await until('the job', async () => (await log(id)).includes('up'));
  await scheduler.cancel([id]);
  await until('the job', async () => (await job(id))?.state === 'CANCELLED');
  for (const name of Object.keys(daemons)) {
    expect(await lives(Number(await readFile(join(folder, name), 'utf8'))), name).toBe(false);
  }
});

test('submissions at the same time get numbers of their own', async () => {
  const ids = await Promise.all(Array.from({ length: 8 }, () => submit('true')));
  expect(new Set(ids).size).toBe(8);
  expect(ids.every((id) => Number(id.split('_')[0]) >= 1)).toBe(true);
});

test('a folder that is no submission, or not whole, is no job', async () => {
  await mkdir(local('7'), { recursive: true });
  await mkdir(local('8'), { recursive: true });
  await writeFile(local('8', 'job.json'), '{"schema_version":1');
  expect(await jobs()).toEqual([]);
  const id = await submit('true');
  expect(id).toBe('9_0');
  expect(await readdir(local('7'))).toEqual([]);
});

test('a log that cannot be written is a launch that failed', async () => {
  await mkdir(join(folder, '1_0.log'));
  const id = await submit('true');
  await until('the job', async () => (await job(id))?.state === 'FAILED');
  expect(await job(id)).toMatchObject({ reason: 'JobLaunchFailure' });
});
