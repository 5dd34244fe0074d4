/** @module-tag matrix */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Cluster, startCluster } from './cluster.js';
import { until } from './hold.js';
import { installSandboxctl } from './install-cli.js';
import { ask, cancel, GET, idle, SERVE, serve, slotOf, traces } from './probes.js';

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

  test('a node has its own /tmp, /var/tmp, /run, /dev/shm, processes and name; the homes are shared', async () => {
    const [user] = cluster.users;
    const write = [
      'sh',
      '-c',
      'for d in /tmp /var/tmp /dev/shm "$HOME"; do echo >"$d/seen"; done; hostname; ls /run',
    ];
    const onNode = await cluster.run(['srun', '-w', 'node1', ...write]);
    expect(onNode).toMatchObject({ code: 0, stdout: 'node1\n' });
    expect(existsSync(join(user.home, 'seen'))).toBe(true);
    const look = ['sh', '-c', 'ls /tmp /var/tmp /dev/shm; ls "$HOME"; ps -e -o comm= | grep -c slurmd'];
    const other = await cluster.onNode('node2', look);
    expect(other.stdout).toMatch(/^\/dev\/shm:\n\n\/tmp:\n\n\/var\/tmp:\nseen\n(slurm.*\n)*1\n$/m);
    expect(['/tmp', '/var/tmp', '/dev/shm'].filter((at) => existsSync(join(at, 'seen')))).toEqual([]);
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
    onTestFinished(() => second.down());
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
