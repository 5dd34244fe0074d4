import { afterAll, beforeAll, expect, test } from 'vitest';
import { follow } from '../../support/follow.js';
import { type Lab, startLab } from '../../support/lab.js';
import { SHARED } from './site.js';
import { deploy, endpoints, QUICK } from './user.js';

let lab: Lab;
let gateway = '';
beforeAll(async () => {
  lab = await startLab({ nodes: 3, runtime: 'embedded' });
  const deployed = await deploy(lab, [
    '--nodes',
    '2',
    ...SHARED,
    '--isolation',
    'none',
    '--time',
    '2',
    '--drain',
    '20s',
  ]);
  expect(deployed.code, deployed.stderr).toBe(0);
  const child = lab.spawn(['sandboxctl', 'gateway', '--fleet', 'sandbox', '--listen', '0.0.0.0:9000'], {
    input: '',
  });
  const told = await follow(child).line(/https?:\/\/\S+/);
  gateway = /https?:\/\/[^\s/]+/.exec(String(told))?.[0] ?? '';
});
afterAll(() => lab?.down());

const GENERATIONS = 3;

test(`no request fails while ${GENERATIONS} generations of jobs with a time limit of two minutes replace each other`, async () => {
  const keeper = lab.spawn(['sandboxctl', 'keep', '--fleet', 'sandbox', '--on', 'here'], {
    env: QUICK,
    input: '',
  });
  const { ended } = follow(keeper);
  const seen = new Map<number, Set<string>>();
  const most = { jobs: 0 };
  let over = false;
  let sent = 0;
  const failed: unknown[] = [];
  const send = async () => {
    while (!over) {
      sent += 1;
      const expected = `${sent}\n`;
      const code = `import time; time.sleep(0.2); print(${sent})`;
      const answer = await lab.run(
        [
          'curl',
          '-s',
          '-m',
          '60',
          '-H',
          'content-type: application/json',
          '-d',
          JSON.stringify({ code, language: 'python' }),
          `${gateway}/run_code`,
        ],
        { timeoutMs: 90_000 },
      );
      const body = JSON.parse(answer.stdout || '{}') as { run_result?: { stdout: string } };
      if (body.run_result?.stdout !== expected) failed.push(answer);
    }
  };
  const watch = async () => {
    while (!over) {
      for (const { instance, job_id } of await endpoints(lab))
        seen.set(instance, (seen.get(instance) ?? new Set()).add(job_id));
      const listed = await lab.run([
        'squeue',
        '-h',
        '-r',
        '-o',
        '%i',
        '-t',
        'PENDING,CONFIGURING,RUNNING',
        '--name=sandboxctl-sandbox',
      ]);
      most.jobs = Math.max(most.jobs, listed.stdout.trim().split('\n').filter(Boolean).length);
      await new Promise((done) => setTimeout(done, 1_000));
    }
  };
  const asides = [send(), send(), watch()];
  const end = performance.now() + 560_000;
  while ([...seen.values()].filter((jobs) => jobs.size > GENERATIONS).length < 2 && performance.now() < end)
    await new Promise((done) => setTimeout(done, 500));
  over = true;
  await Promise.all(asides);
  keeper.kill('SIGINT');
  const { stderr } = await ended;
  console.log(
    `${sent} requests, ${failed.length} failed, at most ${most.jobs} jobs; ${[...seen].map(([instance, jobs]) => `${instance}: ${[...jobs].join(' ')}`)}`,
  );
  expect(failed).toEqual([]);
  // Two servers and one that takes over.
  expect(most.jobs).toBeLessThanOrEqual(3);
  expect(stderr).toContain('its time limit is near');
}, 700_000);
