import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cluster, startCluster } from './cluster.js';
import { downCluster, processesOf } from './down.js';
import { must, start } from './execute.js';
import { until } from './hold.js';
import { installSandboxctl } from './install-cli.js';
import { BASE, bridge, folderOf, slotsOf } from './record.js';

/** Serves its node's name on port 8080. */
const SERVE = `python3 -c 'if 1:
  import http.server, os
  class Name(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
      self.send_response(200)
      self.end_headers()
      self.wfile.write(os.environ["SLURMD_NODENAME"].encode())
  http.server.HTTPServer(("0.0.0.0", 8080), Name).serve_forever()'`;

const idle = async (cluster: Cluster): Promise<string[]> => {
  const { stdout } = await cluster.run(['sinfo', '-h', '-N', '-p', 'cpuonly', '-o', '%N %T %c']);
  return stdout.trim().split('\n');
};

const serve = async (cluster: Cluster): Promise<string> => {
  const count = cluster.nodes.length;
  const sbatch = ['sbatch', '--parsable', `--array=0-${count - 1}`, '--exclusive', '--wrap', SERVE];
  const { stdout, stderr } = await cluster.run(sbatch);
  expect(stderr).toBe('');
  return stdout.trim();
};

const ask = (url: string): Promise<string> =>
  until(`an answer of ${url}`, async () => {
    return fetch(url).then(
      (answer) => answer.text(),
      () => undefined,
    );
  });

const cancel = async (cluster: Cluster, id: string): Promise<void> => {
  await cluster.run(['scancel', id]);
  await until('the end of the job', async () => (await cluster.run(['squeue', '-h'])).stdout === '');
};

/** Everything on the machine by which a cluster could be noticed. */
const traces = async (name: string, slot: number): Promise<string[]> => {
  const links = await must(['ip', '-o', 'link']);
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
  const entries = existsSync(BASE) ? readdirSync(BASE) : [];
  return [
    ...processesOf(name).map((pid) => `process ${pid}`),
    ...links.split('\n').filter((line) => new RegExp(` ${bridge(slot)}(node\\d+)?[:@]`).test(line)),
    ...mounts.split('\n').filter((line) => line.includes(BASE)),
    ...entries.filter((entry) => entry === name || entry === `.slot-${slot}`),
  ];
};

const slotOf = async (name: string): Promise<number> => (await slotsOf(name))[0]?.slot ?? 0;

describe('a cluster of four nodes', () => {
  let cluster: Cluster;
  const etc = ['/etc/hosts', '/etc/passwd', '/etc/group'].map((file) => readFileSync(file, 'utf8'));
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster.down());

  test('has idle nodes that differ in CPUs', async () => {
    expect(await idle(cluster)).toEqual(['node1 idle 96', 'node2 idle 64', 'node3 idle 96', 'node4 idle 32']);
  });

  test('port 8080 is another place on each node, and job ids start at 1000', async () => {
    const id = await serve(cluster);
    expect(id).toBe('1000');
    for (const { name, address } of cluster.nodes) expect(await ask(`http://${address}:8080/`)).toBe(name);
    const byName = await cluster.run(['python3', '-c', GET, 'http://node2:8080/']);
    expect(byName.stdout).toBe('node2');
    const fromNode = await cluster.onNode('node1', ['python3', '-c', GET, 'http://node3:8080/']);
    expect(fromNode.stdout).toBe('node3');
    await cancel(cluster, id);
  });

  test('a node has its own /tmp, /run, /dev/shm, processes and name; the homes are shared', async () => {
    const [user] = cluster.users;
    const write = ['sh', '-c', 'for d in /tmp /dev/shm "$HOME"; do echo >"$d/seen"; done; hostname; ls /run'];
    const onNode = await cluster.run(['srun', '-w', 'node1', ...write]);
    expect(onNode).toMatchObject({ code: 0, stdout: 'node1\n' });
    expect(existsSync(join(user.home, 'seen'))).toBe(true);
    const look = ['sh', '-c', 'ls /tmp /dev/shm; ls "$HOME"; ps -e -o comm= | grep -c slurmd'];
    const other = await cluster.onNode('node2', look);
    expect(other.stdout).toMatch(/^\/dev\/shm:\n\n\/tmp:\nseen\n(slurm.*\n)*1\n$/m);
    expect(existsSync('/tmp/seen') || existsSync('/dev/shm/seen')).toBe(false);
  });

  test('ordinary users run things with a built environment and a pid that can be killed', async () => {
    const [a, b] = cluster.users;
    process.env.LEAK = 'of the test process';
    const { stdout } = await cluster.run(['sh', '-c', 'id -un; pwd; env; hostname'], { user: b });
    delete process.env.LEAK;
    expect(stdout).toMatch(new RegExp(`^sbxb\n${b.home}\n`));
    expect(stdout).not.toContain('LEAK');
    expect((await cluster.run(['cat', join(a.home, 'seen')], { user: b })).code).toBe(1);
    const child = cluster.spawn(['sh', '-c', 'echo $$; exec sleep 60']);
    const said = await new Promise((resolve) => child.stdout?.once('data', resolve));
    expect(Number(`${said}`)).toBe(child.pid);
    child.kill('SIGKILL');
  });

  test('controller, slurmd and whole nodes go away and come back', async () => {
    cluster.controller.freeze();
    const asleep = await cluster.run(['squeue'], { timeoutMs: 500 });
    cluster.controller.thaw();
    expect(asleep.signal).toBe('SIGKILL');
    // A SIGKILL may lose what happened in the last seconds: a cancelled job then runs again.
    await cluster.controller.kill('SIGTERM');
    await cluster.controller.start();
    await cluster.slurmd('node1').kill();
    await cluster.slurmd('node1').start();
    await cluster.crash('node4');
    await expect(cluster.onNode('node4', ['true'])).rejects.toThrow('node4 is not up');
    await expect(startCluster({ name: cluster.name })).rejects.toThrow('exists already');
    await cluster.boot('node4');
    await cluster.ready();
    const { stdout } = await cluster.run(['srun', '-N4', 'hostname']);
    expect(stdout.split('\n').sort().join(' ')).toBe(' node1 node2 node3 node4');
  });

  test('the way from the login side to one node can be cut and restored', async () => {
    await cluster.reach('node2', false);
    const id = await serve(cluster);
    await ask(`http://${cluster.nodes[0]?.address}:8080/`);
    const url = `http://${cluster.nodes[1]?.address}:8080/`;
    const fetched = (): Promise<string> =>
      fetch(url, { signal: AbortSignal.timeout(500) }).then((answer) => answer.text());
    await expect(fetched()).rejects.toThrow('timeout');
    await until('node1 to reach node2', async () => {
      return (await cluster.onNode('node1', ['python3', '-c', GET, url])).stdout === 'node2';
    });
    await cluster.reach('node2', true);
    expect(await ask(url)).toBe('node2');
    await cancel(cluster, id);
  });

  test('the built sandboxctl is installed where ordinary users and nodes may run it', async () => {
    const bin = await installSandboxctl(cluster);
    const [, b] = cluster.users;
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
    const said = { code: 0, stdout: `${version}\n` };
    expect(await cluster.run(['sandboxctl', '--version'], { user: b })).toMatchObject(said);
    expect(await cluster.onNode('node1', [process.execPath, bin, '--version'])).toMatchObject(said);
  });

  test('a second cluster runs beside it and goes without a trace', async () => {
    const second = await startCluster({ nodes: 2, namesResolve: false, reachable: false, arrays: false });
    const slot = await slotOf(second.name);
    expect(await idle(second)).toEqual(['node1 idle 96', 'node2 idle 64']);
    expect(await idle(cluster)).toHaveLength(4);
    expect((await second.run(['getent', 'hosts', 'node1'])).code).toBe(2);
    expect((await cluster.run(['getent', 'hosts', 'node1'])).stdout).toMatch(
      cluster.nodes[0]?.address ?? '-',
    );
    const array = await second.run(['sbatch', '--array=0-1', '--wrap', 'true']);
    expect(array.stderr).toContain('Invalid job array specification');
    const job = await second.run(['sbatch', '--parsable', '-w', 'node1', '--wrap', SERVE]);
    expect(job.stdout).toBe('1000\n');
    const url = `http://${second.nodes[0]?.address}:8080/`;
    await until('the server', async () => {
      return (await second.onNode('node2', ['python3', '-c', GET, url])).stdout === 'node1';
    });
    await expect(fetch(url, { signal: AbortSignal.timeout(500) })).rejects.toThrow('timeout');
    // What escapes its parent on the login side goes too.
    await second.run(['sh', '-c', 'setsid sleep 600 >/dev/null 2>&1 &']);
    expect((await traces(second.name, slot)).length).toBeGreaterThan(8);
    await second.down();
    await second.down();
    expect(await traces(second.name, slot)).toEqual([]);
    expect(['/etc/hosts', '/etc/passwd', '/etc/group'].map((file) => readFileSync(file, 'utf8'))).toEqual(
      etc,
    );
  });
});

test('a start that fails half-way leaves nothing', async () => {
  const name = 'halfway';
  await expect(startCluster({ name, nodes: 2, config: ['NoSuchKey=1'] })).rejects.toThrow('slurmctld');
  expect(existsSync(folderOf(name))).toBe(false);
  expect(processesOf(name)).toEqual([]);
});

test('a cluster goes down with its owner, SIGKILL included', async () => {
  const script = join(import.meta.dirname, `owner-${process.pid}.mts`);
  const owner = `import { startCluster } from './cluster.js';
    const cluster = await startCluster({ nodes: 2 });
    console.log(cluster.name);
    setInterval(() => {}, 1000);`;
  await writeFile(script, owner);
  const child = start([process.execPath, '--import', import.meta.resolve('tsx'), script]);
  const name = `${await new Promise((resolve) => child.stdout?.once('data', resolve))}`.trim();
  await rm(script);
  const slot = await slotOf(name);
  expect(processesOf(name).length).toBeGreaterThan(3);
  child.kill('SIGKILL');
  await until('no trace', async () => (await traces(name, slot)).length === 0);
});

test('down takes what a start left that died before its record was written', async () => {
  const name = 'unwritten';
  await mkdir(folderOf(name), { recursive: true });
  await downCluster(name);
  expect(existsSync(folderOf(name))).toBe(false);
});

test('accounting knows the ends of jobs, and accounts', async () => {
  const cluster = await startCluster({ nodes: 1, accounting: true });
  try {
    const refused = await cluster.run(['sbatch', '-A', 'nobody', '--wrap', 'true']);
    expect(refused.stderr).toContain('Invalid account or account/partition combination specified');
    await cluster.run(['sbatch', '--wrap', 'exit 3']);
    await until('the record', async () => {
      const { stdout } = await cluster.run(['sacct', '-X', '-n', '-P', '-o', 'JobID,State,ExitCode,Account']);
      return stdout === '1000|FAILED|3:0|research\n';
    });
  } finally {
    await cluster.down();
  }
});

test('64 nodes come up in seconds, and an array of 64 runs at once', async () => {
  const begun = performance.now();
  const cluster = await startCluster({ nodes: 64 });
  try {
    expect(performance.now() - begun).toBeLessThan(20_000);
    expect(await idle(cluster)).toHaveLength(64);
    await serve(cluster);
    const urls = cluster.nodes.map(({ address }) => `http://${address}:8080/`);
    expect(await Promise.all(urls.map(ask))).toEqual(cluster.nodes.map(({ name }) => name));
  } finally {
    await cluster.down();
  }
});

/** Prints the answer of the URL that is its argument. */
const GET =
  'import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=5).read().decode(), end="")';
