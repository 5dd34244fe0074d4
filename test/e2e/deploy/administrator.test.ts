/** @module-tag matrix */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../cluster/hold.js';
import { type Lab, readJson, startLab } from '../../support/lab.js';
import { errorOf } from './error-output.js';
import { asRoot, deploy, endpoints, QUICK, runCode, underWay } from './user.js';

const SERVER = fileURLToPath(new URL('../../cluster/image/server.py', import.meta.url));

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({
    nodes: 2,
    accounting: true,
    config: [
      'AccountingStorageEnforce=associations,limits,qos',
      // Slurm itself ends what takes too much, where no cgroup does.
      'JobAcctGatherType=jobacct_gather/linux',
      'JobAcctGatherParams=OverMemoryKill',
      'JobAcctGatherFrequency=task=1',
    ],
  });
  const users = lab.users.map(({ name }) => name).join(',');
  await asRoot(lab, 'login', 'sacctmgr -i add qos small MaxWall=10');
  await asRoot(lab, 'login', `sacctmgr -i modify user ${users} set qos+=small`);
});
afterAll(() => lab?.down());

interface Registration {
  nonce: string;
  restart_count: number;
  state: string;
}
const registration = (job: string) =>
  readJson<Registration>(lab.state(`fleets/sandbox/registrations/${job}.json`));

test('deploy waits for a job that an administrator requeued, and knows its new nonce', async () => {
  expect((await deploy(lab, ['--nodes', '1', '--nodelist', 'node1'])).code).toBe(0);
  const [before] = await endpoints(lab);
  const job = before?.job_id ?? '';
  const { nonce, restart_count } = await registration(job);
  expect(restart_count).toBe(0);

  await asRoot(lab, 'login', `scontrol update JobId=${job} Requeue=1; scontrol requeue ${job}`);
  // Slurm holds it back for two minutes, lest the run before still lives.
  await until('it pends', async () => (await lab.run(['squeue', '-h', '-o', '%t'])).stdout === 'PD\n');
  const status = await lab.sandboxctl(['status', '--json'], { env: QUICK });
  expect(JSON.parse(status.stdout)).toMatchObject({
    fleets: [{ instances: [{ job_id: job, state: 'pending', reason: 'BeginTime' }] }],
  });
  expect(await endpoints(lab, ['--check'], { env: QUICK })).toEqual([]);

  const again = await underWay(lab, ['--nodes', '1', '--nodelist', 'node1'], 'BeginTime');
  await asRoot(lab, 'login', `scontrol update JobId=${job} StartTime=now`);
  const ended = await again.ended;
  expect(ended.code, ended.stderr).toBe(0);
  expect(ended.stderr).not.toContain('submitted');
  const [after] = await endpoints(lab);
  expect(after).toMatchObject({ job_id: job, state: 'ready' });
  const rerun = await registration(job);
  expect(rerun).toMatchObject({ restart_count: 1, state: 'ready' });
  expect(rerun.nonce).not.toBe(nonce);
  const told = await runCode(after?.url ?? '', 'import os; print(os.environ["SANDBOXCTL_JOB_NONCE"])');
  expect(told).toBe(`${rerun.nonce}\n`);
});

test('deploy reports a server that was killed for more memory than its job has', async () => {
  const folder = join(lab.shared, 'greedy');
  await mkdir(folder);
  const text = await readFile(SERVER, 'utf8');
  await writeFile(join(folder, 'server.py'), `${text}\nheld = b"x" * 400_000_000\ntime.sleep(60)\n`);
  const argv = ['--nodes', '1', '--nodelist', 'node2', '--mem', '100M'];
  const said = errorOf(
    await deploy(lab, ['--fleet', 'greedy', ...argv, '--mount', `${folder}:/root/sandbox/sandbox/server`]),
  );
  expect(said.code).toBe(5);
  expect(said.what).toMatch(/1 failed: it needed more memory than the job has$/);
  expect(said.words).toContain('exceeded memory limit');
  expect(said.hint).toMatch(/--mem/);
});

test('deploy reports an unknown QOS in the words of sbatch', async () => {
  const said = errorOf(await deploy(lab, ['--fleet', 'qos', '--nodes', '1', '--qos', 'nope']));
  expect(said).toMatchObject({ code: 5, what: 'Slurm refused the jobs' });
  expect(said.words).toContain('Invalid qos specification');
  expect(said.hint).toContain('--qos');
});

test('deploy does not wait for a job that its QOS can never start', async () => {
  const said = errorOf(
    await deploy(lab, ['--fleet', 'long', '--nodes', '1', '--qos', 'small', '--time', '60']),
  );
  expect(said).toMatchObject({ code: 5, words: 'Slurm says: QOSMaxWallDurationPerJobLimit' });
  expect(said.hint).toMatch(/--time/);
});
