import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../cluster/hold.js';
import { type Lab, readJson, startLab } from '../../support/lab.js';
import { errorOf } from './error-output.js';
import { asRoot, deploy, endpoints, freeNodes, runCode, stop, underWay, urlsOf } from './user.js';

const SERVER = fileURLToPath(new URL('../../cluster/image/server.py', import.meta.url));

let lab: Lab;
/** The server's code is mounted from here, so that one node can be given another. */
let server: string;
let mounted: string[];

beforeAll(async () => {
  lab = await startLab();
  server = await serverFolder('server', (text) => text);
  mounted = ['--mount', `${server}:/root/sandbox/sandbox/server`];
  const broken = await serverFolder('broken', () => 'raise RuntimeError("no license on this node")\n');
  await serverFolder('wedged', (text) => text.replace('def run(request):', '$&\n    time.sleep(3600)'));
  await asRoot(lab, 'node2', `mount -t tmpfs none ${join(lab.shared, 'images')}`);
  await asRoot(lab, 'node3', `cd /; ${listen(8080)} ${listen(8081)} sleep 1`);
  await asRoot(lab, 'node4', `mount --bind ${broken} ${server}`);
});
afterAll(() => lab?.down());

async function serverFolder(name: string, edit: (text: string) => string): Promise<string> {
  const folder = join(lab.shared, name);
  await mkdir(folder);
  await writeFile(join(folder, 'server.py'), edit(await readFile(SERVER, 'utf8')));
  return folder;
}

/** Somebody else's server, on a node. */
const listen = (port: number) => `setsid python3 -m http.server ${port} </dev/null >/dev/null 2>&1 &`;

describe('with one healthy and three failing nodes,', () => {
  const argv = () => ['--nodes', '4', '--port-range', '8080-8081', ...mounted];

  test('deploy reports each with its cause and the tail of its log, and keeps the ready one', async () => {
    const file = join(lab.users[0].home, 'sandbox.json');
    const deployed = await deploy(lab, [...argv(), '--client-config', file]);
    const said = errorOf(deployed);
    expect(said.code).toBe(5);
    expect(said.what).toMatch(/^1 of 4 servers of fleet sandbox are ready, 3 failed: /);
    for (const cause of [
      `the image ${lab.image} does not exist on node node2`,
      'no port is free on node3: all of 8080, 8080-8081 are taken',
      'the server ended with RuntimeError: no license on this node',
    ]) {
      expect(said.what).toContain(cause);
      expect(deployed.stderr).toMatch(
        new RegExp(`job \\S+ of instance \\d on node\\d has ended: ${cause}\n`),
      );
    }
    expect(said.tail.filter((line) => line.startsWith('last lines of '))).toHaveLength(3);
    expect(said.tail).toContain('sandboxctl: port 8081 is taken on node3');

    const ready = await endpoints(lab);
    expect(ready.map(({ node }) => node)).toEqual(['node1']);
    expect(await runCode(ready[0]?.url ?? '', 'print(2 + 2)')).toBe('4\n');
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ endpoints: [{ url: ready[0]?.url }] });
  });

  test('deploy --min-ready 1 succeeds', { tags: 'matrix' }, async () => {
    const deployed = await deploy(lab, [...argv(), '--min-ready', '1']);
    expect(deployed.code).toBe(0);
    expect(urlsOf(deployed)).toEqual((await endpoints(lab)).map(({ url }) => url));
    await stop(lab);
  });
});

const wedge = () => asRoot(lab, 'node4', `mount --bind ${join(lab.shared, 'wedged')} ${server}`);

/** A deploy that waits for a server on node4, which listens already. */
async function listening(fleet: string) {
  const running = await underWay(
    lab,
    ['--nodes', '1', '-w', 'node4', '--fleet', fleet, ...mounted],
    'starting',
  );
  const job = await lab.run(['squeue', '-h', '-r', `--name=sandboxctl-${fleet}`, '-o', '%i']);
  const id = job.stdout.trim();
  const log = join(lab.users[0].home, `logs/sandbox-${id}.log`);
  await until('a server', async () => (await readFile(log, 'utf8')).includes('Uvicorn running'));
  return { ...running, id };
}

describe('with a server that listens but runs no program,', () => {
  beforeAll(async () => {
    await asRoot(lab, 'node4', `umount ${server}`);
    await wedge();
  });

  afterEach(() => freeNodes(lab));
  const two = () => ['--nodes', '2', '--nodelist', 'node[1,4]', ...mounted];

  test('deploy --timeout exits with 6 and leaves the jobs', { tags: 'matrix' }, async () => {
    expect((await deploy(lab, [...two(), '--no-wait'])).code).toBe(0);
    await until('one ready server', async () => (await registered()).some(({ state }) => state === 'ready'));
    // Long over for both: the one that is healthy must be asked before it is called late.
    const said = errorOf(await deploy(lab, [...two(), '--timeout', '1s']));
    expect(said).toMatchObject({
      code: 6,
      what: '1 of 2 servers of fleet sandbox are ready; timed out; the jobs keep running',
    });
    expect(said.words).toMatch(/^job \d+_\d: starting/);
    expect(said.hint).toMatch(/sandboxctl logs \d+_\d'.*sandboxctl stop/);
    const jobs = await lab.run(['squeue', '-h', '-r', '-t', 'R', '-o', '%N']);
    expect(jobs.stdout.trim().split('\n').sort()).toEqual(['node1', 'node4']);
    expect((await endpoints(lab)).map(({ node }) => node)).toEqual(['node1']);
    // Its job goes on telling that it is there: who is silent for a minute counts as dead.
    await until('another beat', async () =>
      (await registered()).some(({ state, beat }) => state === 'starting' && beat > 1),
    );
  });

  async function registered(): Promise<{ state: string; beat: number }[]> {
    const folder = lab.state('fleets/sandbox/registrations');
    const files = (await readdir(folder)).filter((name) => /^\d.*\.json$/.test(name));
    return Promise.all(files.map((name) => readJson<{ state: string; beat: number }>(join(folder, name))));
  }

  test('deploy reports a node that dies while the server starts', { tags: 'matrix' }, async () => {
    const { ended } = await listening('unlucky');
    await lab.crash('node4');
    // Slurm itself takes SlurmdTimeout and more to see it.
    await asRoot(lab, 'login', 'scontrol update NodeName=node4 State=DOWN Reason=test');
    const said = errorOf(await ended);
    expect(said.code).toBe(5);
    expect(said.what).toMatch(/1 failed: .*node4/);
    expect(said.hint).toContain('--exclude node4');
    await lab.boot('node4');
    await lab.ready();
  });
});

describe.concurrent('deploy reports', () => {
  beforeAll(async () => {
    await wedge();
    const argv = [
      'sbatch',
      '--array=1-3',
      '--exclusive',
      '-x',
      'node4',
      '--wrap',
      'sleep 600',
      '-o',
      '/dev/null',
    ];
    expect((await lab.run(argv, { user: lab.users[1] })).code).toBe(0);
  });
  const full = ['--exclude', 'node4'];

  test('a job that reached its time limit while starting', { tags: 'matrix' }, async () => {
    const { ended, id } = await listening('short-lived');
    await asRoot(lab, 'login', `scontrol update JobId=${id} EndTime=now+2seconds`);
    const said = errorOf(await ended);
    expect(said.code).toBe(5);
    expect(said.what).toMatch(/1 failed: its time limit ended$/);
    expect(said.words).toContain('DUE TO TIME LIMIT');
    expect(said.hint).toContain('--time');
  });

  test('pending jobs with their reason, and exits with 6 at --pending-timeout', {
    tags: 'matrix',
  }, async () => {
    const said = errorOf(
      await deploy(lab, ['--nodes', '2', ...full, '--fleet', 'late', '--pending-timeout', '3s']),
    );
    expect(said).toMatchObject({
      code: 6,
      what: '0 of 2 servers of fleet late are ready; timed out; the jobs keep running',
    });
    expect(said.words).toMatch(/^job \d+_0: (Resources|Priority)$/);
    await stop(lab, 'late');
  });

  test('a held job at once', { tags: 'matrix' }, async () => {
    const { ended } = await underWay(lab, ['--nodes', '1', ...full, '--fleet', 'held'], 'pending');
    const job = (await lab.run(['squeue', '-h', '--name=sandboxctl-held', '-o', '%F'])).stdout.trim();
    expect((await lab.run(['scontrol', 'hold', job])).code).toBe(0);
    const said = errorOf(await ended);
    expect(said).toMatchObject({ code: 5, words: 'Slurm says: JobHeldUser' });
    expect(said.what).toContain(`job ${job}_0 can never start`);
    expect(said.hint).toContain('scontrol release');
    await stop(lab, 'held');
  });

  test('a job that its partition no longer allows at once', { tags: 'matrix' }, async () => {
    const { ended } = await underWay(
      lab,
      ['--nodes', '1', ...full, '-p', 'short', '--fleet', 'closed'],
      'pending',
    );
    await asRoot(lab, 'login', 'scontrol update PartitionName=short MaxTime=5');
    const said = errorOf(await ended);
    expect(said).toMatchObject({ code: 5, words: 'Slurm says: PartitionTimeLimit' });
    expect(said.hint).toContain('--time');
    await stop(lab, 'closed');
  });
});
