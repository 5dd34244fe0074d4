/** @module-tag matrix */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Result } from '../../cluster/execute.js';
import type { User } from '../../cluster/types.js';
import { type Lab, ownedFolder, startLab } from '../../support/lab.js';
import { errorOf } from './error-output.js';
import { deploy, endpoints, QUICK, stop, urlsOf } from './user.js';

let lab: Lab;
let ann: User;
let bob: User;

beforeAll(async () => {
  lab = await startLab({ nodes: 2 });
  [ann, bob] = lab.users;
});
afterAll(() => lab?.down());

const as = (user: User, argv: readonly string[], env: Record<string, string> = {}): Promise<Result> =>
  lab.sandboxctl(argv, { user, env: { ...QUICK, ...env } });

test('deploy works with the file that init wrote', async () => {
  const project = await ownedFolder(join(ann.home, 'project'), ann);
  const begun = await lab.sandboxctl(['init'], { cwd: project });
  expect(begun, begun.stderr).toMatchObject({ code: 0, stdout: `${project}/sandboxctl.yaml\n` });
  const text = await readFile(join(project, 'sandboxctl.yaml'), 'utf8');
  expect(text).toContain(`# sandboxctl.yaml for the cluster ${lab.name}, `);
  expect(text).toContain(
    "# cpuonly: the cluster's default; its jobs may run for a day or more. It has 2 nodes",
  );
  expect(text).toMatch(/^# {3}down +2 nodes: .*, takes no jobs now \(down\)$/m);
  expect(text).toMatch(/^# {3}short +2 nodes: 1 of 96 CPUs and 384 GB, 1 of 64 CPUs and 256 GB, at most /m);
  const deployed = await deploy(lab, [], { cwd: project });
  expect(deployed.code, deployed.stderr).toBe(0);
  expect(urlsOf(deployed)).toHaveLength(1);
  await stop(lab);
});

test('two users with fleets of one name on one node neither see nor end each other’s', async () => {
  const shared = ['--nodes', '1', '-w', 'node1', '--no-exclusive', '--cpus-per-task', '4', '--mem', '500M'];
  const [hers, his] = await Promise.all([ann, bob].map((user) => deploy(lab, shared, { user })));
  expect([hers?.code, his?.code], `${hers?.stderr}${his?.stderr}`).toEqual([0, 0]);
  const [mine] = await endpoints(lab, [], { user: ann });
  const [theirs] = await endpoints(lab, [], { user: bob });
  expect([mine?.node, theirs?.node]).toEqual(['node1', 'node1']);
  expect(mine?.url).not.toBe(theirs?.url);

  for (const [user, own, other] of [
    [ann, mine, theirs],
    [bob, theirs, mine],
  ] as const) {
    const { stdout } = await as(user, ['status']);
    expect(stdout).toContain(own?.url);
    expect(stdout).not.toContain(other?.job_id);
    expect(errorOf(await as(user, ['logs', other?.job_id ?? ''])).code).toBe(7);
  }
  // Told by name, since a state folder is its user's alone.
  const there = { SANDBOXCTL_STATE_DIR: lab.state('', ann) };
  for (const argv of [['endpoints'], ['stop', '--yes'], ['deploy', '--nodes', '1']]) {
    const refused = await as(bob, [...argv, ...(argv[0] === 'deploy' ? ['--image', lab.image] : [])], there);
    expect(refused.code, `${argv[0]}: ${refused.stdout}${refused.stderr}`).toBe(3);
    expect(refused.stderr).toMatch(/EACCES|permission denied/);
  }
  await stop(lab, 'sandbox', { user: bob });
  expect((await as(ann, ['status'])).stdout).toContain('1 of 1 ready');
  await stop(lab, 'sandbox', { user: ann });
});

test('a fleet that two machines deploy at the same moment is deployed once', async () => {
  const argv = ['deploy', '--image', lab.image, '--nodes', '1', '--fleet', 'race'];
  const onNode = ['bash', '-c', 'exec "$@"', 'bash', 'sandboxctl', ...argv];
  const ends = await Promise.all([
    as(ann, argv),
    lab.onNode('node2', onNode, { user: ann, env: { ...lab.env, ...QUICK }, timeoutMs: 240_000 }),
  ]);
  const [won, lost] = [...ends].sort((a, b) => (a.code ?? 0) - (b.code ?? 0));
  expect(won?.code, won?.stderr).toBe(0);
  // Whoever comes when the other is done finds the fleet as it wants it.
  if (lost?.code === 0) expect(lost.stdout).toBe(won?.stdout);
  else {
    const words = expect.stringMatching(/^deploy by sbxa, pid \d+ on (login|node2), since /);
    expect(errorOf(lost as Result)).toMatchObject({ code: 8, words });
  }
  const { stdout } = await lab.run(['squeue', '-h', '-r', '--me', '-o', '%j']);
  expect(stdout).toBe('sandboxctl-race\n');
  expect(urlsOf(await as(ann, argv))).toEqual(urlsOf(won as Result));
  await stop(lab, 'race');
});

test('completion lists partitions and formats of the cluster', async () => {
  const told = await as(ann, ['completion', 'words', '--', 'deploy', '--partition', '']);
  expect(
    told.stdout
      .split('\n')
      .map((line) => line.split('\t')[0])
      .sort(),
  ).toEqual(['', 'cpuonly', 'down', 'short']);
});
