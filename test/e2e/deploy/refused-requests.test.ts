import { chmod, cp, mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunOptions } from '../../cluster/types.js';
import { follow } from '../../support/follow.js';
import { type Lab, ownedFolder, startLab } from '../../support/lab.js';
import { inParts } from '../../support/parts.js';
import { errorOf } from './error-output.js';
import { QUICK } from './user.js';

let lab: Lab;
let scratch: string;
beforeAll(async () => {
  lab = await startLab({ accounting: true });
  scratch = await ownedFolder(join(lab.shared, 'scratch'), lab.users[0]);
});
afterAll(() => lab?.down());

let fleets = 0;
/** A fleet of its own for each test: they run at once, and a fleet has one lock. */
const newFleet = () => `refused-${fleets++}`;
const one = (...argv: string[]) => ['--nodes', '1', ...argv];
const deploy = async (argv: string[], options: RunOptions = {}, fleet = newFleet()) =>
  errorOf(await lab.deploy(['--fleet', fleet, ...argv], options));
const jobs = async (fleet: string) =>
  (await lab.run(['squeue', '-h', '-o', '%i', `--name=sandboxctl-${fleet}`])).stdout;

describe.concurrent('deploy refuses', () => {
  for (const { rows, tags } of inParts(['0', '-1', 'many', '100000']))
    test.each(rows)('--nodes %j as wrong usage', { tags }, async (nodes) => {
      const said = await deploy([`--nodes=${nodes}`]);
      expect(said).toMatchObject({ code: 2, words: '' });
      expect(said.what).toMatch(/^--nodes must be a whole number from 1 to 10000 \(got /);
    });

  test('a request without a number of nodes', async () => {
    expect(await deploy([])).toMatchObject({ code: 2, what: 'the number of servers is missing' });
  });

  const tooMany: [string, string[], string][] = [
    ['more nodes than there are', ['--nodes', '5'], '5 nodes were asked for, and the fleet may use 4'],
    ['many more nodes', ['--nodes', '9999'], '9999 nodes were asked for, and the fleet may use 4'],
    [
      'more nodes than --nodelist has',
      ['--nodes', '2', '--nodelist', 'node2'],
      '2 nodes were asked for, and the fleet may use 1',
    ],
    ['an unknown node', one('--nodelist', 'node[3-9]'), "there is no node 'node5'"],
  ];
  for (const { rows, tags } of inParts(tooMany))
    test.each(rows)('%s', { tags }, async (_what, argv, what) => {
      const said = await deploy(argv);
      expect(said).toMatchObject({ code: 5, what });
      expect(said.words).toContain('node2');
      expect(said.hint).toMatch(/--nodelist/);
    });
});

test('deploy to a partition that is down waits, as sbatch accepts the jobs', {
  tags: 'matrix',
}, async () => {
  const said = await deploy(one('--partition', 'down', '--pending-timeout', '10s'), { env: QUICK });
  expect(said.code).toBe(6);
  expect(`${said.what}\n${said.words}`).toContain('PartitionDown');
});

test('deploy leaves an unknown node in --exclude for Slurm to refuse', { tags: 'matrix' }, async () => {
  const said = await deploy(one('--exclude', 'node9'));
  expect(said).toMatchObject({ code: 5, what: 'Slurm refused the jobs' });
  expect(said.words).toContain('Invalid node name specified');
  expect(said.hint).toMatch(/--nodelist/);
});

describe.concurrent('deploy refuses before sbatch runs', () => {
  test('a partition that does not exist', async () => {
    expect(await deploy(one('--partition', 'nope'))).toMatchObject({
      code: 5,
      what: "there is no partition 'nope'",
      words: 'partitions: cpuonly down short',
    });
  });

  test('more CPUs than a node has, for which an array would pend forever', async () => {
    const said = await deploy(one('--cpus-per-task', '97'));
    expect(said).toMatchObject({ code: 5, what: expect.stringMatching(/^97 CPUs were asked for on 1 node/) });
    expect(said.words).toContain('node1 has 96');
    expect(said.hint).toContain('--cpus-per-task');
  });

  test('a log folder that no node has', async () => {
    const said = await deploy(one('--output', 'logs/%j/sandbox.log'));
    expect(said).toMatchObject({ code: 3, what: expect.stringContaining('Slurm makes no folders') });
    expect(said.words).toMatch(/\/logs\/%j\/sandbox.log"$/);
  });

  for (const { rows, tags } of inParts(['61', 'UNLIMITED']))
    test.each(rows)('--time %s where the limit is 60 minutes', { tags }, async (time) => {
      const said = await deploy(one('--partition', 'short', '--time', time));
      expect(said).toMatchObject({ code: 5, words: "the partition's limit is 0-01:00:00" });
      expect(said.hint).toContain('--time 0-01:00:00');
    });
});

describe.concurrent('deploy quotes sbatch when it refuses', () => {
  const refused: [string, string[], RegExp, RegExp][] = [
    ['an unknown account', ['--account', 'nope'], /Invalid account/, /--account/],
    ['too much memory', ['--mem', '9999G'], /Memory specification can not be satisfied/, /--mem/],
    ['an unknown feature', ['--constraint', 'avx1024'], /Invalid feature specification/, /--constraint/],
    [
      'an unknown reservation',
      ['--reservation', 'nope'],
      /Requested reservation is invalid/,
      /--reservation/,
    ],
    ['an option that sbatch does not know', ['--sbatch-arg=--bogus'], /unrecognized option/, /--dry-run/],
  ];
  for (const { rows, tags } of inParts(refused))
    test.each(rows)('%s', { tags }, async (_what, argv, words, hint) => {
      const fleet = newFleet();
      const said = await deploy(one(...argv), {}, fleet);
      expect(said).toMatchObject({ code: 5, what: 'Slurm refused the jobs' });
      expect(said.words).toMatch(words);
      expect(said.hint).toMatch(hint);
      expect(await jobs(fleet)).toBe('');
      const status = await lab.sandboxctl(['status', '--fleet', fleet]);
      expect(status).toMatchObject({ code: 0, stdout: '' });
      expect((await lab.sandboxctl(['endpoints', '--fleet', fleet, '--all', '--format', 'txt'])).stdout).toBe(
        '',
      );
    });

  test('and leaves no fleet if sbatch cannot be run', { tags: 'matrix' }, async () => {
    const bin = await ownedFolder(join(scratch, 'no-sbatch'), lab.users[0]);
    const tools = 'bash node sandboxctl scancel scontrol sinfo squeue srun unsquashfs';
    await lab.run(['sh', '-ec', `for each in ${tools}; do ln -s "$(command -v $each)" "$0"; done`, bin]);
    const fleet = newFleet();
    const said = await deploy(one(), { env: { PATH: bin } }, fleet);
    expect(said).toMatchObject({ code: 4, what: expect.stringMatching(/^sbatch /) });
    expect((await lab.sandboxctl(['status', '--fleet', fleet])).stdout).toBe('');
  });

  test('an account from the environment', { tags: 'matrix' }, async () => {
    const said = await deploy(one(), { env: { SBATCH_ACCOUNT: 'nope' } });
    expect(said).toMatchObject({ code: 5, what: 'Slurm refused the jobs' });
    expect(said.hint).toContain('--account');
  });
});

describe.concurrent('deploy refuses an image that is', () => {
  const images: [string, RegExp, (path: string) => Promise<unknown>][] = [
    ['cut short', /^it was cut: 100000 of \d+ bytes are there$/, (path) => cut(path, 100_000)],
    ['missing', /^there is no such file$/, async () => undefined],
    ['empty', /^the file is empty$/, (path) => writeFile(path, '')],
    ['a folder', /^it is a folder$/, (path) => mkdir(path)],
    ['not a squashfs', /^it has no squashfs superblock$/, (path) => writeFile(path, 'x'.repeat(5000))],
    [
      'not readable',
      /^EACCES: permission denied/,
      (path) => cp(lab.image, path).then(() => chmod(path, 0o600)),
    ],
  ];
  for (const { rows, tags } of inParts(images))
    test.each(rows)('%s', { tags }, async (name, words, make) => {
      const path = join(scratch, `${name.replaceAll(' ', '-')}.sqsh`);
      await make(path);
      const said = await deploy(one('--image', path));
      expect(said).toMatchObject({ code: 5, what: `the image ${path} cannot be used` });
      expect(said.words).toMatch(words);
      expect(said.hint).toContain('sandboxctl import-image');
    });

  async function cut(path: string, bytes: number): Promise<void> {
    await cp(lab.image, path);
    await truncate(path, bytes);
  }

  test('a reference that was not imported', { tags: 'matrix' }, async () => {
    const said = await deploy(one('--image', 'ubuntu:24.04'));
    expect(said).toMatchObject({ code: 5, words: 'there is no such file' });
    expect(said.hint).toBe('bring it with: sandboxctl import-image ubuntu:24.04');
  });
});

describe.concurrent('deploy refuses in its files', () => {
  test('a configuration file with mistakes, and reports all with their places', async () => {
    const folder = await ownedFolder(join(scratch, 'project'), lab.users[0]);
    const file = join(folder, 'sandboxctl.yaml');
    await writeFile(file, 'nodes: many\npartition: [a]\nnods: 3\nport: 99999\nexclusive: maybe\n');
    const said = errorOf(await lab.sandboxctl(['deploy'], { cwd: folder }));
    expect(said).toMatchObject({ code: 3, what: '5 mistakes in the configuration' });
    const places = said.words
      .split('\n')
      .map((line) => line.replace(`${file}:`, '').replace(/(: [^:]*).*/, '$1'));
    expect(places).toEqual(['1:8: nodes', '2:12: partition', '3:1: nods', '4:7: port', '5:12: exclusive']);
  });

  test.each([
    ['does not parse', '#!/bin/bash\n{{#if fleet}}\necho\n', '4:1: Parse error'],
    ['names an unknown value', '#!/bin/bash\necho {{flet}}\n', '2:8: "flet" is no value of a template'],
    ['takes an option of ours', '#!/bin/bash\n#SBATCH --array=3\n', '2:1: --array belongs to sandboxctl'],
  ])('a template that %s, and writes nothing', { tags: 'matrix' }, async (name, text, words) => {
    const fleet = name.replaceAll(' ', '-');
    const path = join(scratch, `${fleet}.hbs`);
    await writeFile(path, text);
    const said = await deploy(one('--template', path), {}, fleet);
    expect(said).toMatchObject({ code: 3, what: `the template ${path} cannot be rendered` });
    expect(said.words).toContain(`${path}:${words}`);
    await expect(readdir(lab.state(`fleets/${fleet}`))).rejects.toThrow('ENOENT');
  });

  test('a template that does not exist', { tags: 'matrix' }, async () => {
    const path = join(scratch, 'nowhere.hbs');
    expect(await deploy(one('--template', path))).toMatchObject({
      code: 3,
      what: `the template ${path} cannot be read`,
    });
  });

  test('--client-config in a folder that is missing', async () => {
    const path = join(scratch, 'nowhere/sandbox.env');
    const fleet = newFleet();
    expect(await deploy(one('--client-config', path), {}, fleet)).toMatchObject({
      code: 3,
      what: `${path} cannot be written`,
    });
    expect(await jobs(fleet)).toBe('');
  });

  test('a log folder that cannot be made', { tags: 'matrix' }, async () => {
    const said = await deploy(one('--output', '/root/logs/%A_%a.log'));
    expect(said).toMatchObject({ code: 3, what: 'the folder of the logs, /root/logs, cannot be written' });
    expect(said.hint).toContain('config key output');
  });
});

describe.concurrent('deploy refuses a state folder', () => {
  const at = (path: string) => ({ env: { SANDBOXCTL_STATE_DIR: path } });

  const places: [string, () => string][] = [
    ['of somebody else', () => '/root/state'],
    ['below /proc', () => '/proc/self/state'],
    ['below a file', () => lab.image],
  ];
  for (const { rows, tags } of inParts(places))
    test.each(rows)('%s', { tags }, async (_what, path) => {
      const said = await deploy(one(), at(path()));
      expect(said).toMatchObject({ code: 3 });
      expect(said.what).toMatch(/^the state folder \S+ cannot be (read|written)$/);
      expect(said.hint).toContain('SANDBOXCTL_STATE_DIR');
    });

  test('that the nodes do not see', { tags: 'matrix' }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sandboxctl-state-'));
    await ownedFolder(folder, lab.users[0]);
    try {
      const said = await deploy(one(), at(folder));
      expect(said.code).toBe(5);
      expect(said.what).toMatch(/1 failed: node node\d does not see the state folder$/);
      expect(said.words).toMatch(/^sandboxctl: failed state-folder-not-visible node="node\d" path="/);
      expect(said.hint).toContain('SANDBOXCTL_STATE_DIR');
      expect(said.tail.length).toBeGreaterThan(1);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('on a disk that is full', { tags: 'matrix' }, async () => {
    const disk = join(lab.shared, 'tiny');
    const mount = 'mkdir "$1" && mount -t tmpfs -o size=16k,mode=1777 tiny "$1"';
    // Mounted on the login side only, so that it is gone with it.
    expect((await lab.run(['sh', '-c', mount, 'sh', disk], { user: 'root' })).code).toBe(0);
    const said = await deploy(one(), at(join(disk, 'state')), 'sandbox');
    expect(said.code).toBe(4);
    expect(said.what).toMatch(/^cannot write or read \S+\/tiny\/state\/fleets\/sandbox\/\S+$/);
    expect(said.words).toContain('no space left on device');
    expect(said.hint).toContain('SANDBOXCTL_STATE_DIR');
    expect(await jobs('sandbox')).toBe('');
  });
});

test('the second of two deploys of one fleet ends with 8 and names the first', async () => {
  const [, other] = lab.users;
  const full = ['sbatch', '--array=1-4', '--exclusive', '--wrap', 'sleep 600', '-o', '/dev/null'];
  expect((await lab.run(full, { user: other })).code).toBe(0);
  const first = lab.spawn(['sandboxctl', 'deploy', '--image', lab.image, ...one('--fleet', 'twice')]);
  await follow(first).line('submitted');
  const said = await deploy(one(), {}, 'twice');
  expect(said).toMatchObject({ code: 8, what: 'another command is changing fleet twice' });
  expect(said.words).toMatch(
    new RegExp(`^deploy by ${lab.users[0].name}, pid ${first.pid} on login, since `),
  );
  const ended = new Promise((resolve) => first.on('close', resolve));
  first.kill('SIGINT');
  expect(await ended).toBe(130);
  const stopped = await lab.sandboxctl(['stop', '--fleet', 'twice', '--yes'], { env: QUICK });
  expect(stopped.code).toBe(0);
});
