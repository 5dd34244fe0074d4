/** @module-tag matrix */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { causeOf } from '../../../src/failures/job-cause.js';
import { readTail } from '../../../src/logs/tail.js';
import { parseScontrolJobs } from '../../../src/scheduler/slurm/parse.js';
import { ended } from '../../cli/run.js';
import { type Lab, startLab } from '../../support/lab.js';
import { until } from '../../support/until.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ nodes: 2 });
});
afterAll(() => lab?.down());

async function runCode(url: string, code: string): Promise<void> {
  const answer = await fetch(`${url}/run_code`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, language: 'python' }),
  });
  expect(answer.status).toBe(200);
  await answer.text();
}

test('logs -f follows a fleet through rotations until stop, and logs reads them when the jobs are gone', async () => {
  const deployed = await lab.deploy(['--nodes', '2', '--partition', 'cpuonly', '--log-cap', '32K']);
  expect(deployed).toMatchObject({ code: 0 });
  const [url = ''] = deployed.stdout.trim().split('\n');
  const file = JSON.parse((await lab.sandboxctl(['endpoints'])).stdout) as {
    endpoints: { url: string; job_id: string; node: string; instance: number }[];
  };
  const { job_id, node, instance } = file.endpoints.find((one) => one.url === url) ?? {
    ...{ job_id: '', node: '', instance: -1 },
  };

  const follower = lab.spawn(['sandboxctl', 'logs', '-f', '-n', 'all', job_id]);
  const following = ended(follower);
  let seen = '';
  follower.stdout?.on('data', (chunk) => {
    seen += chunk;
  });
  const both = ended(lab.spawn(['sandboxctl', 'logs', '-f', '-n', '3', job_id.split('_')[0] ?? '']));
  const marks = Array.from({ length: 150 }, (_, at) => `mark-${1000 + at}`);
  for (const [at, mark] of marks.entries()) {
    await runCode(url, `print('${mark}')`);
    // Who falls two rotations behind misses lines, and on a busy machine a reader is slow.
    if (at % 25 === 24) await until(mark, () => seen.includes(mark));
  }
  const log = join(lab.users[0].home, 'logs', `sandbox-${job_id}.log`);
  expect((await readFile(`${log}.1`)).length).toBeLessThanOrEqual(17_500);

  const last = await lab.sandboxctl(['logs', '-n', '2', String(instance)]);
  expect(last.code).toBe(0);
  expect(last.stdout.split('\n')).toHaveLength(3);

  expect(await lab.sandboxctl(['stop', '--yes'])).toMatchObject({ code: 0 });
  const { code, stdout, stderr } = await following;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(
    new RegExp(`^sandboxctl: instance ${instance} of fleet sandbox is job ${job_id} on`),
  );
  expect(stdout.match(/mark-\d+/g)).toEqual(marks);
  const prefixed = await both;
  expect(prefixed.code).toBe(0);
  expect(prefixed.stdout).toContain(`${node} ${job_id}: print('${marks.at(-1)}')`);
  for (const line of prefixed.stdout.trimEnd().split('\n')) expect(line).toMatch(/^node[12] \d+_[01]: /);

  const finished = await lab.sandboxctl(['logs', '-n', 'all', job_id]);
  expect(finished.stdout).toContain(marks.at(-1));
  expect(stdout.slice(-finished.stdout.length)).toBe(finished.stdout);
  const events = (await lab.sandboxctl(['events'])).stdout.trim().split('\n');
  expect(events.map((line) => (JSON.parse(line) as { type: string }).type)).toContain('submitted');
});

test('logs finds the logs of a fleet without its state folder', async () => {
  const named = ['--fleet', 'lost'];
  expect(await lab.deploy([...named, '--nodes', '1', '--partition', 'cpuonly'])).toMatchObject({ code: 0 });
  const { endpoints } = JSON.parse((await lab.sandboxctl(['endpoints', ...named])).stdout) as {
    endpoints: { job_id: string }[];
  };
  const id = endpoints[0]?.job_id ?? '';
  await rm(lab.state(''), { recursive: true, maxRetries: 20 });
  const { code, stdout } = await lab.sandboxctl(['logs', '-n', 'all', id]);
  expect(stdout).toMatch(new RegExp(`^sandboxctl: instance 0 of fleet lost is job ${id} on`));
  expect(code).toBe(0);
  expect(await lab.sandboxctl(['stop', ...named, '--yes'])).toMatchObject({ code: 0 });
});

/** Scripts of users' own, each with a way to fail that the reference records. */
const FAILURES: [string, (image: string) => string, RegExp][] = [
  [
    'missing',
    () => 'srun --container-image=/nowhere/x.sqsh true',
    /^the image \/nowhere\/x\.sqsh does not exist/,
  ],
  ['empty', (image) => `srun --container-image=${image}.empty true`, /is empty or no squashfs/],
  ['cut short', (image) => `srun --container-image=${image}.cut true`, /cut short or damaged/],
  [
    'no slash',
    () => 'srun --container-image=x.sqsh true',
    /^pyxis took 'x\.sqsh' for an image on Docker Hub/,
  ],
  ['no program', (image) => `srun --container-image=${image} nosuchcmd`, /has no program nosuchcmd/],
  ['no target', (image) => `srun --container-image=${image} make nosuch`, /Makefile has no target nosuch/],
  ['its own code', () => 'exit 7', /^its server ended with exit code 7/],
  ['cancelled', () => 'scancel $SLURM_JOB_ID; sleep 60', /^it was cancelled/],
];

test('logs shows the causes of real failures', async () => {
  const [user] = lab.users;
  const whole = await readFile(lab.image);
  await writeFile(`${lab.image}.empty`, '');
  await writeFile(`${lab.image}.cut`, whole.subarray(0, whole.length / 2));
  const jobs = await Promise.all(
    FAILURES.map(async ([what, script, cause]) => {
      const log = join(user.home, `${what.replaceAll(' ', '-')}.log`);
      const argv = ['sbatch', '--parsable', '--no-requeue', '-n1', '-o', log];
      const input = `#!/bin/bash\n${script(lab.image)}\n`;
      const { stdout } = await lab.run(argv, { input });
      return { what, cause, log, id: stdout.trim() };
    }),
  );
  const found = new Map<string, string>();
  for (const { what, log, id, cause } of jobs) {
    const end = await over(id);
    const tail = await readTail(log, 40);
    const { cause: told, words, hint } = causeOf(end, tail, { image: lab.image, port: 8080, logFound: true });
    expect(hint).not.toBe('');
    if (words !== '') expect(tail).toContain(words);
    found.set(what, cause.test(told) ? 'as recorded' : `${told}\n${tail.join('\n')}`);
  }
  expect([...found].filter(([, result]) => result !== 'as recorded')).toEqual([]);
});

test('logs explains a job without a log, whose log folder its node does not see', async () => {
  const { stdout } = await lab.run(['sbatch', '--parsable', '-o', '/nowhere/x.log', '--wrap', 'true']);
  const end = await over(stdout.trim());
  expect(causeOf(end, [], { image: lab.image, port: 8080, logFound: false })).toMatchObject({
    cause: expect.stringMatching(/JobLaunchFailure.*log cannot be written on node node/),
    hint: expect.stringContaining('config key output'),
  });
});

async function over(id: string) {
  for (;;) {
    const { stdout } = await lab.run(['scontrol', 'show', 'job', id, '-o']);
    const end = parseScontrolJobs(stdout).get(id);

    if (end !== undefined && /^(FAILED|CANCELLED|COMPLETED|TIMEOUT)$/.test(end.state)) return end;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
