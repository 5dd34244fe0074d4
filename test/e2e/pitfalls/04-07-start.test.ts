/** @module-tag matrix */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { containerTools, RUNTIME_FOLDER } from '../../cluster/container-tools.js';
import { python } from '../../script/servers.js';
import { type Lab, ownedFolder, startLab } from '../../support/lab.js';
import { cancel, guideScript, slowUnpacking, stateOf, submit, until } from './manual-setup.js';

let lab: Lab;
let slow: string;
let cwd: string;
beforeAll(async () => {
  const { binFolder, pyxisPlugin } = await containerTools();
  slow = await slowUnpacking(4);
  // enroot's own default: containers lie below the home, which the nodes share.
  lab = await startLab({
    nodes: 4,
    plugins: [`required ${pyxisPlugin}`],
    enrootConf: [RUNTIME_FOLDER],
    nodePath: [slow, binFolder],
  });
  cwd = await ownedFolder(join(lab.shared, 'work'), lab.users[0]);
  await ownedFolder(join(cwd, 'logs'), lab.users[0]);
});
afterAll(async () => {
  await lab?.down();
  await rm(slow, { recursive: true, force: true });
});

const logOf = (job: string): Promise<string> =>
  readFile(join(cwd, `logs/sandbox-${job}.log`), 'utf8').catch(() => '');

test('fact 4: of simultaneous first starts under one container name in a shared home one wins', async () => {
  const jobs = await Promise.all(
    lab.nodes
      .slice(0, 3)
      .map(({ name, cpus }) => submit(lab, guideScript({ node: name, image: lab.image, cpus }), cwd)),
  );
  await until('all but one to fail', async () => {
    const states = await Promise.all(jobs.map((job) => stateOf(lab, job)));
    return states.filter((state) => state.startsWith('FAILED')).length === 2;
  });
  const states = await Promise.all(jobs.map((job) => stateOf(lab, job)));
  const losers = jobs.filter((_job, at) => states[at]?.startsWith('FAILED'));
  const logs = await Promise.all(losers.map(logOf));
  // A late one finds the folder half unpacked and starts in it: that fails in other words.
  const lost =
    /\[ERROR\] File already exists: \S+\/pyxis_sandbox-server|pyxis_sandbox-server\S*, because (File exists|No such file)|error: execve\(\): bash: No such file/;
  for (const log of logs) expect(log, states.join(', ')).toMatch(lost);
  await cancel(lab, ...jobs);

  const deployed = await lab.deploy(['--fleet', 'fact4', '--nodes', '3', '--nodelist', 'node[1-3]']);
  expect(deployed.stderr).not.toContain('error:');
  expect(deployed.stdout.trim().split('\n')).toHaveLength(3);
});

test('fact 7: a job that is RUNNING may have no server yet and an empty log', async () => {
  const node = lab.nodes.at(-1);
  if (node === undefined) throw new Error('no node');
  const url = `http://${node.address}:8080`;
  const script = guideScript({ node: node.name, image: lab.image, cpus: node.cpus }).replace(
    'sandbox-server',
    'another',
  );
  const job = await submit(lab, script, cwd);
  await until('RUNNING', async () => (await stateOf(lab, job)).startsWith('RUNNING'));
  await expect(fetch(`${url}/v1/ping`)).rejects.toThrow();
  expect(await logOf(job)).toBe('');
  await cancel(lab, job);

  const argv = ['--fleet', 'fact7', '--nodes', '1', '--nodelist', node.name];
  expect((await lab.deploy([...argv, '--no-wait'])).stdout).toBe('');
  await until('RUNNING', async () => {
    const told = await lab.run(['squeue', '-h', '--name=sandboxctl-fact7', '-o', '%T']);
    return told.stdout.startsWith('RUNNING');
  });
  const before = await lab.sandboxctl(['endpoints', '--fleet', 'fact7', '--check']);
  expect(JSON.parse(before.stdout).endpoints).toEqual([]);
  const deployed = await lab.deploy(argv);
  expect(await python(deployed.stdout.trim(), 'print(7)')).toBe('7\n');
});
