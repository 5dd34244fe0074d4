import type { ChildProcess } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from '../../cluster/cluster.js';
import { enrootFolder } from '../../cluster/container-tools.js';
import { installSandboxctl } from '../../cluster/install-cli.js';
import { eventually } from '../../image/fixture.js';
import { type Site, startSite } from './imports.js';

let site: Site;
let cluster: Cluster;
let bridge: Server;
let mirror: string;
let count = 0;
/** What a test before this one left, if it failed: that is no failure of this one. */
let before = new Set<string>();
const NODES_ONLY = '/tmp/sandboxctl-nodes-only';

beforeAll(async () => {
  [site, cluster] = await Promise.all([
    startSite({ faults: [] }, 2_000_000),
    // Slurm's default: on a busy machine those that were told to end need more than the 5 s of our clusters.
    startCluster({ nodes: 2, config: ['KillWait=30'] }),
  ]);
  await installSandboxctl(cluster);
  // enroot is on the nodes alone, as on clusters whose login nodes do not have it: each node's /tmp is its own.
  const enroot = await enrootFolder();
  for (const { name } of cluster.nodes) {
    await cluster.onNode(name, ['ln', '-s', enroot, NODES_ONLY], { user: 'root' });
  }
  // The registry listens on loopback, which each node has of its own.
  const port = Number(site.registry.host.split(':')[1]);
  bridge = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    near.pipe(far).pipe(near);
    for (const end of [near, far]) end.on('error', () => [near, far].map((each) => each.destroy()));
  });
  await new Promise<void>((resolve) => bridge.listen(0, cluster.address, resolve));
  mirror = `http://${cluster.address}:${(bridge.address() as AddressInfo).port}`;
});
afterAll(async () => {
  bridge?.close();
  await cluster?.down();
  await site?.down();
});
beforeEach(async () => {
  before = await seen();
});
afterEach(() => site.registry.fail([]));

interface Call {
  child: ChildProcess;
  text: { stdout: string; stderr: string };
  ended: Promise<number | null>;
  line(pattern: RegExp): Promise<void>;
}

function importOn(args: string[], images: string, env: Record<string, string> = {}): Call {
  const child = cluster.spawn(['sandboxctl', 'import-image', ...args], {
    env: {
      SANDBOXCTL_REGISTRY_MIRROR: mirror,
      SANDBOXCTL_IMAGE_DIR: images,
      // Of its own, so that the registry is asked for layers each time.
      ENROOT_CACHE_PATH: join(cluster.users[0].home, `cache-${count}`),
      PATH: `${cluster.env.PATH}:${NODES_ONLY}`,
      ...env,
    },
  });
  const text = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => {
    text.stdout += chunk;
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    text.stderr += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const line = async (pattern: RegExp) => {
    await eventually(async () => pattern.test(text.stderr) || child.exitCode !== null);
    expect(text.stderr).toMatch(pattern);
  };
  return { child, text, ended, line };
}

function newFolder(): string {
  count += 1;
  return join(cluster.users[0].home, `images-${count}`);
}

/** Jobs, processes and unpacked layers of imports that are on the cluster. */
async function seen(): Promise<Set<string>> {
  const jobs = await cluster.run(['squeue', '-h', '-o', '%j %i']);
  const looks = cluster.nodes.map(({ name }) =>
    cluster.onNode(name, ['sh', '-c', 'ls /tmp /var/tmp; ps -eo pid,args'], { user: 'root' }),
  );
  const lines = [jobs, ...(await Promise.all(looks))].flatMap(({ stdout }) => stdout.split('\n'));
  return new Set(lines.filter((line) => IMPORTS.test(line) && !line.includes('sh -c ls')));
}
const IMPORTS = /sandboxctl-import|import\.sh|enroot import/;

/** What of this test's imports is on the cluster. */
async function left(): Promise<string[]> {
  return [...(await seen())].filter((line) => !before.has(line));
}

async function nothingLeft(): Promise<void> {
  let last: string[] = [];
  const gone = async () => {
    last = await left();
    return last.length === 0;
  };
  await eventually(gone).catch((error: Error) => {
    throw new Error(`${error.message}:\n${last.join('\n')}`);
  });
}

describe('an import in a job', () => {
  it('is chosen if enroot is not installed here, and shows its progress and node', async () => {
    const images = newFolder();
    const call = importOn([], images);
    expect(await call.ended, call.text.stderr).toBe(0);
    const image = join(images, 'varad0309+code_sandbox+server.sqsh');
    expect(call.text.stdout).toBe(`${image}\n`);
    expect(call.text.stderr).toMatch(/Downloading 2 missing layers\.\.\.\n(?:.*\n)*Creating squashfs/);
    const sidecar = JSON.parse(await readFile(`${image}.json`, 'utf8')) as Record<string, unknown>;
    expect(sidecar).toMatchObject({
      digest: site.digest,
      imported_on: { where: 'job', node: expect.stringMatching(/^node\d$/) },
      versions: { enroot: '4.1.2' },
      options: expect.arrayContaining(['ENROOT_MAX_PROCESSORS=2 (sandboxctl)']),
    });
    expect(await readdir(images)).toHaveLength(2);
    await nothingLeft();

    const again = importOn([], images);
    expect(await again.ended).toBe(0);
    expect(again.text.stderr).toContain('is unchanged');
  });

  it('does not become a step of the caller’s own job', { tags: 'matrix' }, async () => {
    const { stdout } = await cluster.run(['sbatch', '--parsable', '--wrap', 'sleep 60'], {
      cwd: cluster.users[0].home,
    });
    const own = stdout.trim();
    site.registry.fail([{ match: /blobs/, damage: 'stall' }]);
    const call = importOn(['--on', 'job'], newFolder(), {
      SLURM_JOB_ID: own,
      SLURM_JOBID: own,
      SLURM_NTASKS: '7',
    });
    await call.line(/Fetching image manifest\n/);
    const steps = await cluster.run(['squeue', '-h', '-s', '-j', own, '-o', '%i %j']);
    expect(steps.stdout).not.toContain('sandboxctl-import');
    const jobs = await cluster.run(['squeue', '-h', '-o', '%i %j %D']);
    expect(jobs.stdout).toMatch(/^\d+ sandboxctl-import-[0-9a-f]{12} 1$/m);
    call.child.kill('SIGINT');
    expect(await call.ended).toBe(130);
    await cluster.run(['scancel', own]);
    await nothingLeft();
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'ends on %s with everything that it had on the node',
    { tags: 'matrix' },
    async (signal) => {
      const images = newFolder();
      site.registry.fail([{ match: /blobs/, damage: 'stall' }]);
      const call = importOn([], images);
      await call.line(/Fetching image manifest\n/);
      expect(await left()).not.toEqual([]);
      call.child.kill(signal);
      expect(await call.ended).toBe(signal === 'SIGINT' ? 130 : 143);
      await nothingLeft();
      expect(await readdir(images)).toEqual([]);
    },
  );

  it('is cleaned up by the next run after SIGKILL', { tags: 'matrix' }, async () => {
    const images = newFolder();
    site.registry.fail([{ match: /blobs/, damage: 'stall' }]);
    const call = importOn([], images);
    await call.line(/Fetching image manifest\n/);
    call.child.kill('SIGKILL');
    await call.ended;
    site.registry.fail([]);
    const next = importOn([], images);
    expect(await next.ended, next.text.stderr).toBe(0);
    await nothingLeft();
    expect(await readdir(images)).toHaveLength(2);
  });

  it('ends by itself after SIGKILL of its caller', { tags: 'matrix' }, async () => {
    site.registry.fail([{ match: /blobs/, damage: 'stall' }]);
    const call = importOn([], newFolder());
    await call.line(/Fetching image manifest\n/);
    call.child.kill('SIGKILL');
    await call.ended;
    expect(await left()).not.toEqual([]);
    await nothingLeft();
  });

  it('shows that it waits for a node, and leaves the queue on a signal', { tags: 'matrix' }, async () => {
    const call = importOn(['--partition', 'down'], newFolder());
    await call.line(/job \d+ queued and waiting for resources/);
    call.child.kill('SIGINT');
    expect(await call.ended).toBe(130);
    await nothingLeft();
  });

  it("tells Slurm's refusal", async () => {
    const call = importOn(['--partition', 'nope'], newFolder());
    expect(await call.ended).toBe(5);
    expect(call.text.stderr).toMatch(
      /error: Slurm refused the job that imports\n {2}srun: error: .*\nhint: .*--partition/,
    );
  });

  it('reports a folder that the nodes do not see', async () => {
    // The nodes have a /tmp of their own.
    const images = join(tmpdir(), 'not-shared');
    const call = importOn([], images);
    expect(await call.ended).toBe(5);
    await nothingLeft();
    await cluster.run(['rm', '-rf', images]);
    expect(call.text.stderr).toMatch(/hint: .*imageDir/);
  });
});
