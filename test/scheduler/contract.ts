import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobFact } from '../../src/fleet/job-facts.js';
import { specLine } from '../../src/fleet/spec.js';
import type { Scheduler, SubmitRequest } from '../../src/scheduler/port.js';
import { directives } from '../../src/script/directives.js';
import { specOf } from '../script/specs.js';

/** A scheduler under test and where its jobs can write. */
export interface Ground {
  scheduler: Scheduler;
  /** A folder that the jobs see and may write; files made in it can be read by whoever submits. */
  folder: string;
  /** Shortest limit that the scheduler keeps, as sbatch takes it. */
  shortLimit: string;
  /** Brings the end of a job's time nearer, where the shortest limit is long. */
  hasten?(jobId: string): Promise<void>;
  leave(): Promise<void>;
}

/** Variables of whoever submits; a job may see none of them. */
export const CALLERS = { CALLERS_SECRET: 'of the caller' };

const TERMINAL = /^(COMPLETED|FAILED|CANCELLED|TIMEOUT)$/;

/** What every scheduler behind the port does. */
export function schedulerContract(name: string, enter: () => Promise<Ground>): void {
  describe(`${name} keeps the port's contract:`, () => {
    let ground: Ground;
    let limited: Submitted;
    let submissions = 0;

    beforeAll(async () => {
      ground = await enter();
      // Its limit passes while the others run.
      limited = await submit({ fleet: 'limited', body: 'sleep 600', time: ground.shortLimit });
      if (ground.hasten === undefined) return;
      await running('limited', 1);
      await ground.hasten(limited.id);
    });
    afterAll(async () => {
      if (ground === undefined) return;
      const left = (await list(null)).filter(({ state }) => !TERMINAL.test(state));
      await ground.scheduler.cancel(left.map(({ id }) => id));
      for (const { tag } of left) await ended(tag.fleet);
      await ground.leave();
    });

    async function submit(asked: Asked): Promise<Submitted> {
      const request = await write(asked, `id${submissions++}`);
      const answer = await ground.scheduler.submit(request);
      if (answer.kind !== 'submitted') throw new Error(`${answer.kind}: ${answer.detail}`);
      return { ...request, id: answer.jobId };
    }

    async function write(asked: Asked, id: string): Promise<SubmitRequest> {
      const { fleet, body, instances = [0], array = instances.join(','), time = '10' } = asked;
      const submission = { id, instances, array, offset: 0 };
      const spec = specOf({
        fleet,
        nodes: instances.length,
        output: join(ground.folder, `${id}-%A_%a.log`),
        job: { slurm: { time, partition: 'cpuonly', exclusive: false, cpusPerTask: 2 } },
      });
      const lines = directives(spec, submission, []).map((line) => `#SBATCH ${line}`);
      const scriptPath = join(ground.folder, `${id}.sbatch`);
      const head = ['#!/bin/bash', specLine(spec, { id, offset: 0 }), ...lines];
      await writeFile(scriptPath, `${[...head, body].join('\n')}\n`);
      await chmod(scriptPath, 0o755);
      return { submission, scriptPath, cwd: ground.folder };
    }

    async function list(fleet: string | null): Promise<JobFact[]> {
      const answer = await ground.scheduler.list({ fleet });
      if (!answer.ok) throw new Error(answer.detail);
      return answer.jobs.sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
    }

    const until = async (fleet: string, isSo: (jobs: JobFact[]) => boolean): Promise<JobFact[]> => {
      for (;;) {
        const jobs = await list(fleet);
        if (isSo(jobs)) return jobs;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    };
    const running = (fleet: string, count: number) =>
      until(fleet, (jobs) => jobs.filter(({ state }) => state === 'RUNNING').length === count);
    const ended = (fleet: string) => until(fleet, (jobs) => jobs.every(({ state }) => TERMINAL.test(state)));

    async function log(submitted: Submitted, task: number | null = 0): Promise<string> {
      const { id, submission } = submitted;
      const name = task === null ? `${submission.id}-${id}_0.log` : `${submission.id}-${id}_${task}.log`;
      return readFile(join(ground.folder, name), 'utf8').catch(() => '');
    }

    async function says(submitted: Submitted, words: string): Promise<void> {
      while (!(await log(submitted)).includes(words)) await new Promise((ok) => setTimeout(ok, 100));
    }

    test('it knows its nodes, and one partition is the default', async () => {
      const facts = await ground.scheduler.facts();
      expect(facts.nodes.length).toBeGreaterThan(0);
      for (const node of facts.nodes) {
        expect(node).toMatchObject({ name: expect.stringMatching(/./), address: expect.stringMatching(/./) });
        expect(node.cpus).toBeGreaterThan(0);
      }
      expect(facts.partitions.filter(({ isDefault }) => isDefault)).toHaveLength(1);
      expect(facts.maxArraySize).toBeGreaterThan(1);
    });

    test('the elements of an array are jobs of their own, with their tag, node and times', async () => {
      const submitted = await submit({ fleet: 'array', instances: [0, 2], body: 'sleep 600' });
      const jobs = await running('array', 2);
      expect(jobs).toEqual(
        [0, 2].map((task) => ({
          id: `${submitted.id}_${task}`,
          task,
          tag: { fleet: 'array', generation: 3, submission: submitted.submission.id },
          state: 'RUNNING',
          reason: '',
          node: expect.stringMatching(/./),
          timeLeft: expect.any(Number),
          elapsed: expect.any(Number),
          startTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
          script: submitted.scriptPath,
        })),
      );
      for (const { timeLeft, elapsed } of jobs) expect((timeLeft ?? 0) + elapsed).toBeGreaterThan(595);
      expect((await list(null)).map(({ id }) => id)).toEqual(
        expect.arrayContaining(jobs.map(({ id }) => id)),
      );
      expect(await list('another')).toEqual([]);

      await ground.scheduler.cancel([`${submitted.id}_0`]);
      expect((await until('array', (found) => found[0]?.state === 'CANCELLED'))[1]?.state).toBe('RUNNING');
      await ground.scheduler.cancel([`${submitted.id}_2`]);
      await ended('array');
    });

    test('a job writes where its output pattern says, in the folder of the call, and ends with its code', async () => {
      const body = 'echo "to stdout in $PWD"; echo "to stderr" >&2; exit $(( $(date +%s) > 0 ? 3 : 0 ))';
      const submitted = await submit({ fleet: 'codes', body });
      expect((await ended('codes'))[0]).toMatchObject({ state: 'FAILED' });
      expect(await log(submitted)).toBe(`to stdout in ${ground.folder}\nto stderr\n`);
      const id = `${submitted.id}_0`;
      expect((await ground.scheduler.endings([id, '999999_7'])).get(id)).toMatchObject({
        state: 'FAILED',
        exitCode: '3:0',
        node: expect.stringMatching(/./),
      });
    });

    test('a plain job has a plain id', async () => {
      const submitted = await submit({ fleet: 'plain', array: null, body: 'echo done' });
      const [job] = await ended('plain');
      expect(job).toMatchObject({ id: submitted.id, task: null, state: 'COMPLETED' });
      expect(await log(submitted, null)).toBe('done\n');
      expect((await ground.scheduler.endings([submitted.id])).get(submitted.id)).toMatchObject({
        state: 'COMPLETED',
        exitCode: '0:0',
      });
    });

    test('nothing of the environment of the caller reaches a job', async () => {
      const submitted = await submit({ fleet: 'env', body: 'env; echo "PATH is $PATH, HOME is $HOME"' });
      await ended('env');
      const printed = await log(submitted);
      expect(printed).toMatch(/^PATH is .*\/bin.*, HOME is \/.+$/m);
      for (const [key, value] of Object.entries(CALLERS)) {
        expect(printed).not.toContain(key);
        expect(printed).not.toContain(value);
      }
    });

    test('a cancelled job hears TERM and can end in order', async () => {
      const body = `trap 'echo heard; exit 0' TERM; echo up; while :; do sleep 0.1; done`;
      const submitted = await submit({ fleet: 'polite', body });
      await says(submitted, 'up');
      expect(await ground.scheduler.cancel([`${submitted.id}_0`])).toEqual({ ok: true });
      expect((await ended('polite'))[0]?.state).toBe('CANCELLED');
      expect(await log(submitted)).toContain('heard');
    });

    test('a job that does not listen is killed', async () => {
      const submitted = await submit({
        fleet: 'deaf',
        body: `trap '' TERM; echo up; while :; do sleep 0.1; done`,
      });
      await says(submitted, 'up');
      await ground.scheduler.cancel([`${submitted.id}_0`]);
      expect((await ended('deaf'))[0]?.state).toBe('CANCELLED');
    });

    test('to cancel what is gone, or was never there, is no error', async () => {
      const { id } = await submit({ fleet: 'short', body: 'true' });
      await ended('short');
      expect(await ground.scheduler.cancel([`${id}_0`])).toEqual({ ok: true });
      expect(await ground.scheduler.cancel([])).toEqual({ ok: true });
      expect((await list('short'))[0]?.state).toBe('COMPLETED');
    });

    test('the script of a job can be read back', async () => {
      const submitted = await submit({ fleet: 'script', body: 'sleep 600 # this one' });
      const text = await ground.scheduler.script(`${submitted.id}_0`);
      expect(text).toBe(await readFile(submitted.scriptPath, 'utf8'));
      expect(await ground.scheduler.script('999999')).toBeUndefined();
      await ground.scheduler.cancel([`${submitted.id}_0`]);
    });

    test('a short program runs on a node, fed by stdin', async () => {
      const [partition] = (await ground.scheduler.facts()).partitions.filter(({ isDefault }) => isDefault);
      const where = { partition: partition?.name ?? '' };
      const ran = await ground.scheduler.runOneOff(where, ['cat'], 'fed\n');
      expect(ran).toEqual({ ok: true, stdout: 'fed\n' });
      expect((await ground.scheduler.runOneOff(where, ['false'], '')).ok).toBe(false);
    });

    const namedJob = (name: string) => ({
      name: `sandboxctl-test-${name}`,
      cpus: 1,
      ...{ partition: null, time: null, account: null, qos: null, reservation: null },
      cwd: ground.folder,
      env: { PATH: process.env.PATH, OF_THE_JOB: 'given', SLURM_JOB_ID: '1' },
    });

    test('a named job streams its lines, in its own folder and environment, and ends with its code', async () => {
      const lines: string[] = [];
      const script = 'echo "$PWD $OF_THE_JOB $CALLERS_SECRET."; echo second >&2; read -r line; exit 3';
      const outcome = await ground.scheduler.runNamedJob(namedJob('lines'), ['sh', '-c', script], {
        signal: new AbortController().signal,
        onLine: (line) => lines.push(line),
      });
      expect(outcome.code).toBe(3);
      expect(lines).toEqual(expect.arrayContaining([`${ground.folder} given .`, 'second']));
    });

    test.each(['its signal', 'its name'])(
      'a named job is cancelled by %s, and cleans up first',
      async (by) => {
        const file = join(ground.folder, `${by.replace(' ', '-')}.up`);
        const stop = new AbortController();
        const job = namedJob(by.replace(' ', '-'));
        const script = `trap 'rm ${file}; exit 1' TERM INT; echo up > ${file}; echo up; while :; do sleep 0.1; done`;
        let began = () => {};
        const up = new Promise<void>((resolve) => {
          began = resolve;
        });
        const ended = ground.scheduler.runNamedJob(job, ['sh', '-c', script], {
          signal: stop.signal,
          onLine: (line) => line === 'up' && began(),
        });
        await up;
        if (by === 'its signal') stop.abort();
        else await ground.scheduler.cancelNamedJob(job.name);
        expect((await ended).code).not.toBe(0);
        await expect(readFile(file)).rejects.toThrow('ENOENT');
      },
    );

    test('a named job whose signal has fired already is not started', async () => {
      const file = join(ground.folder, 'started');
      const signal = AbortSignal.abort(new Error('given up'));
      const options = { signal, onLine: () => undefined };
      const started = ground.scheduler.runNamedJob(namedJob('late'), ['touch', file], options);
      await expect(started).rejects.toThrow('given up');
      await expect(readFile(file)).rejects.toThrow('ENOENT');
    });

    test('to cancel a named job that is gone is no error', async () => {
      await ground.scheduler.cancelNamedJob('sandboxctl-test-nobody');
    });

    test('a job whose time is over ends by TIMEOUT', async () => {
      expect((await ended('limited'))[0]).toMatchObject({ id: `${limited.id}_0`, state: 'TIMEOUT' });
    }, 180_000);
  });
}

interface Asked {
  fleet: string;
  body: string;
  instances?: number[];
  /** Null for a plain job. */
  array?: string | null;
  time?: string;
}

interface Submitted extends SubmitRequest {
  id: string;
}
