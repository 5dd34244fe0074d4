import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Run } from '../../src/process/run.js';
import { slurmScheduler } from '../../src/scheduler/slurm/adapter.js';
import { startCluster } from '../cluster/cluster.js';
import { until } from '../cluster/hold.js';
import type { Cluster } from '../cluster/types.js';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ nodes: 2 });
});
afterEach(async () => {
  await cluster.run(['scancel', '--user', cluster.users[0].name]);
});
afterAll(() => cluster?.down());

/** The product's adapter, its tools run on the login node as an ordinary user. */
function adapter(env: Record<string, string> = {}, uid = cluster.users[0].uid) {
  const run: Run = async (argv, options) => {
    const set = Object.entries(options.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    const result = await cluster.run(argv, {
      env: Object.fromEntries(set),
      cwd: options.cwd ?? cluster.users[0].home,
      input: options.input ?? '',
    });
    return { ...result, argv, timedOut: false, aborted: false };
  };
  return slurmScheduler({ run, env: { ...cluster.env, ...env }, uid });
}

let count = 0;

/** What the job of a script leaves once its shell runs; behind it stands the number of an array's element. */
const startedFile = (scriptPath: string) => join(cluster.users[0].home, `${basename(scriptPath)}.started-`);

/** Submits `sleep` under a fleet's name and comment, as a rendered script does; `held` keeps it pending. */
async function submit(fleet: string, array: string | null, held = false) {
  const id = `sub${count++}`;
  const scriptPath = join(cluster.shared, `${id}.sh`);
  const lines = [
    '#!/bin/bash',
    `#SBATCH --job-name=sandboxctl-${fleet}`,
    `#SBATCH --comment=sandboxctl:${fleet}:1:${id}`,
    '#SBATCH --output=/dev/null',
    '#SBATCH --mem=100',
    '#SBATCH --time=UNLIMITED',
    ...(held ? ['#SBATCH --hold'] : []),
    `# sandboxctl-spec: {"id":"${id}"}`,
    `touch "${startedFile(scriptPath)}\${SLURM_ARRAY_TASK_ID-}"`,
    'sleep 600',
  ];
  await writeFile(scriptPath, `${lines.join('\n')}\n`, { mode: 0o755 });
  const submission = { id, instances: [0], array, offset: 0 };
  const answer = await adapter().submit({ submission, scriptPath, cwd: cluster.users[0].home });
  if (answer.kind !== 'submitted') throw new Error(answer.detail);
  return { id, jobId: answer.jobId, scriptPath };
}

async function listed(fleet: string | null, scheduler = adapter()) {
  const answer = await scheduler.list({ fleet });
  if (!answer.ok) throw new Error(answer.detail);
  return answer.jobs;
}

it('tells of nodes, partitions and the size of arrays', async () => {
  const facts = await adapter().facts();
  expect(facts.maxArraySize).toBe(1001);
  const nodes = facts.nodes.filter((node) => node.partition === 'cpuonly');
  expect(nodes.sort((a, b) => (a.name < b.name ? -1 : 1))).toMatchObject([
    { name: 'node1', address: cluster.nodes[0]?.address, cpus: 96, memory: 96 * 4096, gpus: 0 },
    { name: 'node2', address: cluster.nodes[1]?.address, cpus: 64, memory: 64 * 4096, gpus: 0 },
  ]);
  expect(facts.partitions.sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
    { name: 'cpuonly', isDefault: true, timeLimit: null, availability: 'up', minNodes: 1 },
    { name: 'down', isDefault: false, timeLimit: null, availability: 'down', minNodes: 1 },
    { name: 'short', isDefault: false, timeLimit: 3_600, availability: 'up', minNodes: 1 },
  ]);
  expect(facts).toMatchObject({ name: cluster.name, needsAccount: false });
});

it('lists every element of a pending array on its own, and takes them back', async () => {
  const { id, jobId, scriptPath } = await submit('pending', '0-2,7', true);
  const jobs = await listed('pending');
  expect(jobs.map((job) => [job.id, job.task]).sort()).toEqual([
    [`${jobId}_0`, 0],
    [`${jobId}_1`, 1],
    [`${jobId}_2`, 2],
    [`${jobId}_7`, 7],
  ]);
  for (const job of jobs) {
    expect(job).toMatchObject({ state: 'PENDING', reason: 'JobHeldUser', node: '', script: scriptPath });
    expect(job.tag).toEqual({ fleet: 'pending', generation: 1, submission: id });
  }
  expect(await adapter().cancel([`${jobId}_0`, `${jobId}_7`])).toEqual({ ok: true });
  const left = (await listed('pending')).filter((job) => job.state === 'PENDING');
  expect(left.map((job) => job.task)).toEqual([1, 2]);
});

it('lists running jobs with node and times, of one fleet or of all', async () => {
  const [one, two] = [await submit('one', '0-1'), await submit('two', null)];
  await until('running jobs', async () => (await listed(null)).filter((job) => job.node !== '').length === 3);
  expect((await listed('one')).map((job) => job.id).sort()).toEqual([`${one.jobId}_0`, `${one.jobId}_1`]);
  const [plain] = await listed('two');
  expect(plain).toMatchObject({ id: two.jobId, task: null, state: 'RUNNING', reason: '', timeLeft: null });
  expect(plain?.node).toMatch(/^node[12]$/);
});

it('tells when a job would start, and frees a job that pends from the node that it asked for', async () => {
  const [script, impossible] = ['placed', 'impossible'].map((name) => join(cluster.shared, `${name}.sh`));
  const text = (memory: string) =>
    `#!/bin/bash\n#SBATCH --nodelist=node2 --mem=${memory} --hold --output=/dev/null\nsleep 1\n`;
  await writeFile(script ?? '', text('100M'));
  await writeFile(impossible ?? '', text('999T'));
  const { home } = cluster.users[0];
  const start = await adapter({ TZ: 'Pacific/Auckland' }).startsAt(script ?? '', home);
  expect(Math.abs((start ?? 0) - Date.now())).toBeLessThan(60_000);
  expect(await adapter().startsAt(impossible ?? '', home)).toBeNull();
  const { stdout } = await cluster.run(['sbatch', '--parsable', script ?? '']);
  const asked = async () => (await cluster.run(['scontrol', 'show', 'job', stdout.trim()])).stdout;
  expect(await asked()).toContain('ReqNodeList=node2');
  await adapter().freeFromNode(stdout.trim());
  expect(await asked()).toContain('ReqNodeList=(null)');
});

/** Jobs of the tests before: a cancelled one is COMPLETING for as long as its node takes. */
const ENDED = /^(CANCELLED|COMPLETING)$/;

it('is not disturbed by other jobs of the user: plain, unnamed, heterogeneous', async () => {
  const { jobId } = await submit('mine', null);
  const wrapped = await cluster.run([
    'sbatch',
    '--parsable',
    '--mem=100',
    '--wrap',
    'sleep 600',
    '-o/dev/null',
  ]);
  const het = [
    'sbatch',
    '--parsable',
    '-n1',
    '--mem=100',
    ':',
    '-n1',
    '--mem=100',
    '--wrap',
    'sleep 600',
    '-o/dev/null',
  ];
  expect([wrapped.code, (await cluster.run(het)).code]).toEqual([0, 0]);
  const shown = await cluster.run(['squeue', '-h', '-r', '-o', '%i']);
  expect(shown.stdout).toMatch(/^\d+\+0$/m);
  expect((await listed(null)).filter(({ state }) => !ENDED.test(state)).map((job) => job.id)).toEqual([
    jobId,
  ]);
});

it('is not disturbed by what the caller set for Slurm’s tools', async () => {
  const { jobId } = await submit('env', '0');
  const caller = {
    SQUEUE_FORMAT: '%i',
    SQUEUE_STATES: 'PENDING',
    SQUEUE_USERS: 'root',
    SLURM_JOB_ID: '1',
    SLURM_TIME_FORMAT: 'relative',
    SBATCH_PARTITION: 'nope',
    SINFO_PARTITION: 'nope',
  };
  const scheduler = adapter(caller);
  expect((await listed('env', scheduler)).map((job) => job.id)).toEqual([`${jobId}_0`]);
  expect((await scheduler.facts()).partitions).toHaveLength(3);
  await submit('env', '0');
});

it('has no good answer for a user whom nobody knows', async () => {
  expect(await adapter({}, 54_321).list({ fleet: null })).toEqual({
    ok: false,
    detail: 'squeue: error: Invalid user: 54321',
  });
});

it('gives back the script of a job, pending or running, element or not', async () => {
  for (const [array, held] of [
    ['0-1', true],
    ['0-1', false],
    [null, true],
  ] as const) {
    const { id, jobId } = await submit('script', array, held);
    const script = await adapter().script(array === null ? jobId : `${jobId}_1`);
    expect(script).toContain(`# sandboxctl-spec: {"id":"${id}"}`);
  }
  expect(await adapter().script('999999')).toBeUndefined();
});

it('says how jobs ended, and finds nothing wrong in cancelling them again', async () => {
  const { jobId, scriptPath } = await submit('ended', '0-1');
  // Not squeue's RUNNING: that comes before there is a shell to end by a signal.
  await until('two shells', () => [0, 1].every((task) => existsSync(`${startedFile(scriptPath)}${task}`)));
  expect(await adapter().cancel([`${jobId}_0`])).toEqual({ ok: true });
  const ids = [`${jobId}_0`, `${jobId}_1`, '999999'];
  const ends = await until('its end', async () => {
    const told = await adapter().endings(ids);
    return told.get(`${jobId}_0`)?.state === 'CANCELLED' && told;
  });
  expect(ends.get(`${jobId}_0`)).toMatchObject({ exitCode: '0:15', node: expect.stringMatching(/^node/) });
  expect(ends.get(`${jobId}_1`)?.state).toBe('RUNNING');
  expect(ends.has('999999')).toBe(false);
  expect(await adapter().cancel([`${jobId}_0`, '999999'])).toEqual({ ok: true });
});

it('takes host lists apart', async () => {
  expect(await adapter().expandHosts('node[1-2],gpu-[008-010]')).toEqual([
    'node1',
    'node2',
    'gpu-008',
    'gpu-009',
    'gpu-010',
  ]);
});

it('refuses in sbatch’s words', async () => {
  const scriptPath = join(cluster.shared, 'refused.sh');
  await writeFile(scriptPath, '#!/bin/bash\n#SBATCH --partition=nope\ntrue\n');
  const submission = { id: 'x', instances: [0], array: '0', offset: 0 };
  const answer = await adapter().submit({ submission, scriptPath, cwd: cluster.users[0].home });
  expect(answer).toMatchObject({
    kind: 'refused',
    detail: expect.stringContaining('Invalid partition name'),
  });
});
