/** @module-tag matrix */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../cluster/hold.js';
import { type Lab, ownedFolder, startLab } from '../../support/lab.js';
import { errorOf } from './error-output.js';
import { SHARED } from './site.js';
import { deploy, endpoints, QUICK, stop } from './user.js';

const NOTE = 'error: Ignoring ControlMachine since SlurmctldHost is set.';

let lab: Lab;
beforeAll(async () => {
  // A key that newer releases ignore: every tool prints an error line, and answers.
  lab = await startLab({ nodes: 2, runtime: 'embedded', config: ['ControlMachine=login'] });
});
afterAll(() => lab?.down());

const sandboxctl = (...argv: string[]) => lab.sandboxctl(argv, { env: QUICK });

test('an error line beside every answer of Slurm does not disturb commands without a fleet', async () => {
  expect((await lab.run(['squeue'])).stderr).toContain(NOTE);
  expect(await sandboxctl('status')).toMatchObject({
    code: 0,
    stderr: "nothing is deployed; 'sandboxctl deploy --nodes N' deploys\n",
  });
  expect(await sandboxctl('stop', '--yes')).toMatchObject({
    code: 0,
    stderr: "nothing is deployed under the name 'sandbox'\n",
  });
});

test('an error line beside every answer of Slurm does not disturb deploy, status, adoption and stop', async () => {
  const odd = await submitOddJobs();
  const argv = ['--nodes', '2', ...SHARED, '--mem', '1GB', '--partition', 'short,cpuonly'];
  const deployed = await deploy(lab, argv);
  expect(deployed.code, deployed.stderr).toBe(0);
  expect(deployed.stderr).toContain('2 servers in partition short,cpuonly for 0-01:00:00');
  expect(deployed.stderr).not.toContain('warning: Slurm');
  expect(await endpoints(lab, ['--check'], { env: QUICK })).toHaveLength(2);
  expect((await sandboxctl('status')).stdout).toContain('fleet sandbox: 2 of 2 ready');
  const [first] = await endpoints(lab);
  expect((await sandboxctl('logs', first?.job_id ?? '')).stdout).toContain('sandboxctl: instance 0 of fleet');

  await rm(lab.state(''), { recursive: true, maxRetries: 20 });
  // What the jobs write next brings their registrations back.
  await until('all of it again', async () => (await sandboxctl('status')).stdout.includes('2 of 2 ready'));
  await stop(lab);
  const left = await lab.run(['squeue', '-h', '-r', '-o', '%i']);
  expect(left.stdout.trim().split('\n').sort()).toEqual(odd);
});

test('deploy quotes sbatch’s refusal among other lines, with the matching hint', async () => {
  const said = errorOf(await deploy(lab, ['--nodes', '1', '--constraint', 'nope', '--fleet', 'refused']));
  expect(said).toMatchObject({ code: 5, what: 'Slurm refused the jobs' });
  expect(said.words).toContain('Invalid feature specification');
  expect(said.hint).toContain('--constraint');
  const unread = errorOf(await deploy(lab, ['--nodes', '1', '--nodelist', 'node[2-1]']));
  expect(unread).toMatchObject({ code: 2, words: 'Invalid hostlist: node[2-1]' });
});

/** Jobs of the user's own whose names, comments and commands hold what Slurm lets in. Returns their ids. */
async function submitOddJobs(): Promise<string[]> {
  const control = Array.from({ length: 31 }, (_, at) => String.fromCharCode(at + 1)).join('');
  const folder = await ownedFolder(join(lab.shared, 'odd'), lab.users[0]);
  const script = join(folder, `two\nlines|${String.fromCharCode(30)}`, 'job.sh');
  await mkdir(join(script, '..'), { recursive: true });
  await writeFile(script, '#!/bin/sh\nsleep 600\n', { mode: 0o755 });
  const small = ['--parsable', '-o', '/dev/null', '--mem=100'];
  const jobs = [
    ['--comment=site note\nsecond line', '--wrap', 'sleep 600'],
    [`--comment=${control}`, `--job-name=${control}`, '--wrap', 'sleep 600'],
    ['--comment=1000_0|0|RUNNING|node1', script, 'a', 'b\nc'],
  ];
  const ids: string[] = [];
  for (const job of jobs) {
    const submitted = await lab.run(['sbatch', ...small, ...job]);
    expect(submitted.code, submitted.stderr).toBe(0);
    ids.push(submitted.stdout.trim());
  }
  return ids.sort();
}
