import { appendFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { fleetStore } from '../../../src/state/store.js';
import { cli, ended, sandboxctl, start } from '../../cli/run.js';
import { specOf } from '../../script/specs.js';
import { newState, numbered, startLine } from './state.js';

const ARRAY = { jobId: '1000', instances: [0, 1, 2] };

describe('the log that logs prints', () => {
  it('is selected by the id of an array’s job, of a plain job, or by an instance', async () => {
    const { submit, write, run } = await newState();
    await submit('sandbox', ARRAY);
    await submit('sandbox', { jobId: '1010', instances: [2], array: null, offset: 2 });
    await write('sandbox-1000_1.log', 'one\n');
    await write('sandbox-1000_2.log', 'old two\n');
    await write('sandbox-1010_2.log', 'new two\n');
    expect(await run('logs', '1000_1')).toEqual({ code: 0, stdout: 'one\n', stderr: '' });
    expect((await run('logs', '1010')).stdout).toBe('new two\n');
    expect((await run('logs', '2')).stdout).toBe('new two\n');
    expect((await run('logs', '1000_2')).stdout).toBe('old two\n');
  });

  it('must be selected if two clusters use one job id', async () => {
    const { state, submit, write, run } = await newState();
    for (const fleet of ['east', 'west']) {
      await submit(fleet, { ...ARRAY, output: `${fleet}-%A_%a.log` });
      const spec = specOf({ fleet });
      await fleetStore(state, fleet).writeSpec({ ...spec, job: { ...spec.job, cluster: `slurm:${fleet}` } });
    }
    await write('west-1000_1.log', 'west\n');
    expect(await run('logs', '1000_1')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--fleet'),
    });
    expect((await run('logs', '1000_1', '--fleet', 'west')).stdout).toBe('west\n');
  });

  it('has the server’s colours only on a terminal', async () => {
    const { submit, write, run, options } = await newState();
    await submit('sandbox', ARRAY);
    const line = '\x1b[32mINFO\x1b[0m:     \x1b[1;38;5;208mStarted\x1b[0m\x1b[K [\xe9\x1b\n';
    await write('sandbox-1000_1.log', line);
    await write('sandbox-1000_2.log', '\x1b[31mred\x1b[39m');
    const onScreen = { ...options, env: { ...options.env, FORCE_COLOR: '1' } };
    const plain = 'INFO:     Started [\xe9\x1b\n';
    expect((await run('logs', '1000_1')).stdout).toBe(plain);
    expect((await run('logs', '1000')).stdout).toBe(`1000_1: ${plain}1000_2: red\n`);
    expect((await sandboxctl(['logs', '1000_1'], onScreen)).stdout).toBe(line);
  });

  it('is found by the registration, also without a record of the submission', {
    tags: 'matrix',
  }, async () => {
    const { register, write, run } = await newState();
    const log = await write('elsewhere.log', 'there\n');
    await register('sandbox', '1005_3', { log, instance: 3 });
    expect((await run('logs', '1005_3')).stdout).toBe('there\n');
    expect((await run('logs', '3')).stdout).toBe('there\n');
  });

  it('is recognized by its first line if the path does not tell', { tags: 'matrix' }, async () => {
    const { submit, write, run } = await newState();
    await submit('sandbox', { ...ARRAY, output: 'box-%j.log' });
    for (const [number, task] of [
      [1001, 0],
      [1002, 1],
      [990, 2],
    ] as const) {
      await write(
        `box-${number}.log`,
        `${startLine(number === 990 ? '980_2' : `1000_${task}`)}task ${task}\n`,
      );
    }
    expect((await run('logs', '-n', '1', '1000_1')).stdout).toBe('task 1\n');
    const missing = await run('logs', '1000_2');
    expect(missing.code).toBe(7);
    expect(missing.stderr).toMatch(/box-\*\.log/);
  });

  it('is of all jobs of an array, each line with node and job', async () => {
    const { submit, register, write, run } = await newState();
    await submit('sandbox', ARRAY);
    await register('sandbox', '1000_0', { node: 'node7' });
    await write('sandbox-1000_0.log', 'a\nb\n');
    await write('sandbox-1000_1.log', `${startLine('1000_1', 'node8')}c`);
    const { code, stdout, stderr } = await run('logs', '-n', '1', '1000');
    expect(stdout).toBe('node7 1000_0: b\nnode8 1000_1: c\n');
    expect(stderr).toBe('no log yet: 1000_2\n');
    expect(code).toBe(0);
  });

  it('is of the fleet of --fleet if several have that instance', { tags: 'matrix' }, async () => {
    const { submit, write, run } = await newState();
    await submit('a', { jobId: '1', instances: [4], output: 'a-%A_%a.log' });
    await submit('b', { jobId: '2', instances: [4], output: 'b-%A_%a.log' });
    await write('a-1_4.log', 'of a\n');
    await write('b-2_4.log', 'of b\n');
    const unsaid = await run('logs', '4');
    expect(unsaid).toMatchObject({ code: 2, stdout: '' });
    expect(unsaid.stderr).toMatch(/2 fleets[\s\S]*--fleet/);
    expect((await run('logs', '4', '--fleet', 'b')).stdout).toBe('of b\n');
    expect((await run('logs', '1_4')).stdout).toBe('of a\n');
  });
});

describe('logs without anything to show', () => {
  it('names the place where it searched', async () => {
    const { submit, run, log, state } = await newState();
    await submit('sandbox', ARRAY);
    const noLog = await run('logs', '1000_1');
    expect(noLog).toMatchObject({ code: 7, stdout: '' });
    expect(noLog.stderr).toContain(`looked for ${log('sandbox-1000_1.log')}`);
    expect(noLog.stderr).toContain('sandboxctl logs -f 1000_1');
    const noJob = await run('logs', '77');
    expect(noJob).toMatchObject({ code: 7, stdout: '' });
    expect(noJob.stderr).toContain(`${state}/fleets (sandbox)`);
    expect((await run('logs', '1000_9')).code).toBe(7);
  });

  it.each([['abc'], ['12a'], ['1_2_3'], ['../x'], ['']])('%j is no job', { tags: 'matrix' }, async (word) => {
    const { run } = await newState();
    expect((await run('logs', '--', word)).code).toBe(2);
  });

  it('refuses an invalid number of lines', async () => {
    const { run } = await newState();
    const { code, stderr } = await run('logs', '1', '-n', '-3');
    expect(code).toBe(2);
    expect(stderr).toMatch(/--lines/);
  });
});

describe('the amount that logs prints', () => {
  it.each<[string[], string]>([
    [[], numbered(51, 100)],
    [['-n', '3'], numbered(98, 100)],
    [['-n', '0'], ''],
    [['-n', 'all'], numbered(1, 100)],
    [['-n', '1000'], numbered(1, 100)],
  ])('%j, over both parts of a log that was rotated', { tags: 'matrix' }, async (flags, shown) => {
    const { submit, write, run } = await newState();
    await submit('sandbox', ARRAY);
    const whole = numbered(1, 100);
    await write('sandbox-1000_0.log.1', whole.slice(0, 700));
    await write('sandbox-1000_0.log', whole.slice(700));
    expect((await run('logs', '1000_0', ...flags)).stdout).toBe(shown);
  });

  it('is every byte, unchanged', async () => {
    const { submit, write, options } = await newState();
    await submit('sandbox', ARRAY);
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, at) => (at * 31) % 256));
    await write('sandbox-1000_0.log', bytes);
    const child = start(cli('logs', '1000_0', '-n', 'all'), options);
    const pieces: Buffer[] = [];
    child.stdout?.on('data', (piece: Buffer) => pieces.push(piece));
    await new Promise((resolve) => child.on('close', resolve));
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
  });
});

describe('logs --follow', () => {
  it('waits for the file, continues through a rotation, and ends with the job', async () => {
    const { submit, register, write, log, options } = await newState();
    await submit('sandbox', ARRAY);
    const child = start(cli('logs', '-f', '-n', '1', '1000_0'), options);
    const whole = ended(child);
    await saidOn(child.stderr, 'waiting for');
    await write('sandbox-1000_0.log', 'one\ntwo\n');
    await saidOn(child.stdout, 'two');
    await writeFile(log('sandbox-1000_0.log.1'), 'one\ntwo\nthree\n');
    await writeFile(log('sandbox-1000_0.log'), 'four\n');
    await saidOn(child.stdout, 'four');
    await register('sandbox', '1000_0', { state: 'gone' });
    await appendFile(log('sandbox-1000_0.log'), 'last');
    expect(await whole).toMatchObject({ code: 0, stdout: 'one\ntwo\nthree\nfour\nlast' });
  });

  it('prints all jobs of an array in whole lines', async () => {
    const { submit, register, write, log, options } = await newState();
    await submit('sandbox', { jobId: '1000', instances: [0, 1] });
    for (const task of [0, 1]) {
      await write(`sandbox-1000_${task}.log`, '');
      await register('sandbox', `1000_${task}`, { node: `node${task}` });
    }
    const child = start(cli('logs', '-f', '1000'), options);
    const whole = ended(child);
    await appendFile(log('sandbox-1000_0.log'), 'half');
    await appendFile(log('sandbox-1000_1.log'), 'whole\n');
    await saidOn(child.stdout, 'whole');
    await appendFile(log('sandbox-1000_0.log'), ' and half\n');
    for (const task of [0, 1]) await register('sandbox', `1000_${task}`, { state: 'gone', beat: 2 });
    expect((await whole).stdout).toBe('node1 1000_1: whole\nnode0 1000_0: half and half\n');
  });

  it('reports a job that ended without a log', async () => {
    const { submit, register, run } = await newState();
    await submit('sandbox', ARRAY);
    await register('sandbox', '1000_0', { state: 'gone' });
    const { code, stderr } = await run('logs', '-f', '1000_0');
    expect(code).toBe(7);
    expect(stderr).toMatch(/ended without a log[\s\S]*config key output/);
  });

  it('exits with 130 at Ctrl-C', async () => {
    const { submit, write, options } = await newState();
    await submit('sandbox', ARRAY);
    await write('sandbox-1000_0.log', 'one\n');
    const child = start(cli('logs', '-f', '1000_0'), options);
    const whole = ended(child);
    await saidOn(child.stdout, 'one');
    child.kill('SIGINT');
    expect(await whole).toEqual({ code: 130, stdout: 'one\n', stderr: '' });
  });

  it('exits with 0 when its reader is gone', async () => {
    const { submit, write, log, options } = await newState();
    await submit('sandbox', ARRAY);
    await write('sandbox-1000_0.log', numbered(1, 10));
    const child = start(cli('logs', '-f', '1000_0'), options);
    const code = new Promise((resolve) => child.on('exit', resolve));
    await saidOn(child.stdout, 'line 10');
    child.stdout?.destroy();
    await appendFile(log('sandbox-1000_0.log'), 'more\n');
    expect(await code).toBe(0);
  });
});

/** Resolves when the stream has said `words`. */
function saidOn(stream: NodeJS.ReadableStream | null, words: string): Promise<void> {
  let text = '';
  return new Promise((resolve) => {
    const look = (chunk: Buffer | string) => {
      text += chunk;
      if (!text.includes(words)) return;
      stream?.off('data', look);
      resolve();
    };
    stream?.on('data', look);
  });
}
