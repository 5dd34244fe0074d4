/** @module-tag matrix */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Lab, ownedFolder, startLab } from '../../support/lab.js';
import { deploy, endpoints, freeNodes, QUICK, runCode, stop, urlsOf } from './user.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ nodes: 3, runtime: 'embedded' });
});
afterAll(() => lab?.down());
afterEach(() => freeNodes(lab));

test("from inside a job of the caller's: nothing of it leaks, and its step goes on", async () => {
  const script = `
    SBATCH_PARTITION=short SBATCH_ACCOUNT=research sandboxctl config show --origin | grep -E '^(partition|account):'
    export SBATCH_ARRAY_INX=7 SBATCH_TIMELIMIT=1 SBATCH_EXCLUSIVE=user SBATCH_EXPORT=ALL SQUEUE_FORMAT=%i
    export SINFO_FORMAT=%n SRUN_CONTAINER_IMAGE=/nope CALLERS_SECRET=hunter2
    sandboxctl deploy --image "$1" --nodes 1 --exclude node1 || exit
    squeue -h -s -j "$SLURM_JOB_ID" -o %i | wc -l`;
  const inJob = ['srun', '-J', 'mine', '-w', 'node1', '-c', '2', 'bash', '-c', script, 'bash', lab.image];
  const ran = await lab.run(inJob, { env: QUICK });
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stdout).toMatch(/^account: research +# .*SBATCH_ACCOUNT$/m);
  expect(ran.stdout).toMatch(/^partition: short +# .*SBATCH_PARTITION$/m);
  const [url = ''] = /^http:.*$/m.exec(ran.stdout) ?? [];
  expect(ran.stdout.trim().split('\n').at(-1)).toBe('1');

  // A job of its own, with the limits that deploy asked for. The caller's may still be completing.
  const jobs = await lab.run(['squeue', '-h', '-r', '-n', 'sandboxctl-sandbox', '-o', '%j %P %l %N']);
  expect(jobs.stdout).toMatch(/^sandboxctl-sandbox cpuonly 4-00:00:00 node[23]\n$/);
  const names = await runCode(url, 'import os; print("\\n".join(sorted(os.environ)))');
  expect(names?.match(/^(SLURM|SBATCH|SRUN|SQUEUE|SINFO|CALLERS)_.*/gm) ?? []).toEqual([]);
});

test('deploy works in a folder whose name has spaces, quotes and %', async () => {
  const folder = await ownedFolder(join(lab.users[0].home, `my "odd" 100%j 'folder`), lab.users[0]);
  const file = 'client files.json';
  const deployed = await deploy(lab, ['--nodes', '1', '--client-config', file], { cwd: folder });
  expect(deployed.code, deployed.stderr).toBe(0);
  const [only] = await endpoints(lab);
  expect(await readdir(join(folder, 'logs'))).toEqual([`sandbox-${only?.job_id}.log`]);
  expect(await readdir(folder)).toContain(file);
  const log = await lab.sandboxctl(['logs', only?.job_id ?? '']);
  expect(log.stdout).toContain('sandboxctl: ready on node');
});

test('deploy works with a home folder whose name has a space', async () => {
  const home = await ownedFolder(join(lab.shared, 'home/of two words'), lab.users[0]);
  const env = { HOME: home };
  const deployed = await deploy(lab, ['--nodes', '1'], { env, cwd: home });
  expect(deployed.code, deployed.stderr).toBe(0);
  expect((await endpoints(lab, [], { env })).map(({ url }) => url)).toEqual(urlsOf(deployed));
  await stop(lab, 'sandbox', { env });
});

test('two users at once neither see, read nor stop each other’s fleets', async () => {
  const [a, b] = lab.users;
  const [mine, theirs] = await Promise.all([
    deploy(lab, ['--nodes', '1'], { user: a }),
    deploy(lab, ['--nodes', '2'], { user: b }),
  ]);
  expect([mine.code, theirs.code], mine.stderr + theirs.stderr).toEqual([0, 0]);
  expect(new Set([...urlsOf(mine), ...urlsOf(theirs)]).size).toBe(3);

  const status = await lab.sandboxctl(['status'], { user: a, env: QUICK });
  expect(status.stdout).toContain('1 of 1 ready');
  const [other] = await endpoints(lab, [], { user: b });
  const logs = await lab.sandboxctl(['logs', other?.job_id ?? ''], { user: a });
  expect(logs.code).not.toBe(0);
  expect(logs.stdout).toBe('');

  await stop(lab, 'sandbox', { user: a });
  const left = await lab.run(['squeue', '-h', '-r', '-o', '%u']);
  expect(left.stdout).toBe(`${b.name}\n${b.name}\n`);
  expect(await endpoints(lab, ['--check'], { user: b, env: QUICK })).toHaveLength(2);
});
