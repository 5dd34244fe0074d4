/** @module-tag matrix */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jobOf, onlyUrl, python } from '../../script/servers.js';
import { type Lab, startLab } from '../../support/lab.js';
import { QUICK } from '../deploy/user.js';
import { stateOf, until } from './manual-setup.js';

let lab: Lab;
beforeAll(async () => {
  // Slurm forgets at most every ten seconds, whatever MinJobAge says.
  lab = await startLab({ nodes: 2, config: ['MinJobAge=2', 'MessageTimeout=3'] });
});
afterAll(() => lab?.down());

const SETTLE = { env: QUICK };
const json = async (...argv: string[]) => {
  const told = await lab.run(['squeue', '--json', ...argv]);
  return {
    code: told.code,
    ...(JSON.parse(told.stdout) as { jobs: { job_id: number }[]; errors: unknown[] }),
  };
};

test('fact 8: squeue --json ignores every filter, and reports a dead controller as an empty list', async () => {
  const url = onlyUrl(await lab.deploy(['--nodes', '1'], SETTLE));
  const job = await jobOf(lab, 'sandbox');
  const [, other] = lab.users;
  await lab.run(['sbatch', '-H', '--wrap', 'true', '-o', '/dev/null'], { user: other });
  expect((await json('-j', job)).jobs).toHaveLength(2);
  expect((await json('-u', 'nobody')).jobs).toHaveLength(2);
  const mine = await lab.sandboxctl(['status', '--json']);
  expect(JSON.parse(mine.stdout).fleets[0].instances).toHaveLength(1);

  // Not SIGKILL: that forgets what was submitted within the last seconds.
  await lab.controller.kill('SIGTERM');
  const [naive, status, endpoints] = await Promise.all([
    json(),
    lab.sandboxctl(['status']),
    lab.sandboxctl(['endpoints']),
  ]);
  expect(naive).toMatchObject({ code: 0, jobs: [] });
  expect(status).toMatchObject({ code: 4, stdout: '' });
  expect(status.stderr).toContain('Unable to contact slurm controller');
  expect(JSON.parse(endpoints.stdout).endpoints).toHaveLength(1);
  expect(await python(url, 'print(8)')).toBe('8\n');
  await lab.controller.start();
  await until('the controller', async () => (await stateOf(lab, job)).startsWith('RUNNING'));
  expect(onlyUrl(await lab.deploy(['--nodes', '1'], SETTLE))).toBe(url);
  expect(await jobOf(lab, 'sandbox')).toBe(job);
});

test('fact 10: a finished job disappears, and then looks like one that never existed', async () => {
  onlyUrl(await lab.deploy(['--nodes', '1'], SETTLE));
  const job = await jobOf(lab, 'sandbox');
  await lab.run(['scancel', job]);
  await until('the end', async () => (await stateOf(lab, job)).startsWith('CANCELLED'));
  // Finished but known: an answer without a line, and a good exit code.
  expect(await lab.run(['squeue', '-h', '-j', job])).toMatchObject({ code: 0, stdout: '' });
  await until('Slurm to forget', async () => (await lab.run(['squeue', '-t', 'all', '-j', job])).code !== 0);
  const known = await lab.run(['squeue', '-h', '-t', 'all', '-j', job]);
  const never = await lab.run(['squeue', '-h', '-t', 'all', '-j', '999999']);
  expect(known).toMatchObject({ code: 1, stdout: '', stderr: never.stderr });
  expect(known.stderr).toContain('slurm_load_jobs error: Invalid job id specified');

  const logs = await lab.sandboxctl(['logs', job, '--lines', 'all']);
  expect(logs.code).toBe(0);
  expect(logs.stdout).toContain('sandboxctl: ready on');
  const status = await lab.sandboxctl(['status', '--json'], SETTLE);
  expect(JSON.parse(status.stdout).fleets[0].instances[0].state).not.toBe('ready');
  const again = await lab.deploy(['--nodes', '1'], SETTLE);
  expect(await python(onlyUrl(again), 'print(10)')).toBe('10\n');
  expect(await jobOf(lab, 'sandbox')).toMatch(/^\d+_0$/);
});
