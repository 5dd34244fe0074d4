/** @module-tag matrix */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, startLab } from '../../support/lab.js';
import { inParts } from '../../support/parts.js';
import { errorOf } from './error-output.js';
import { SHARED } from './site.js';
import { deploy, endpoints, urlsOf } from './user.js';

// Each has a fleet and nodes of its own: what takes time is to find out that nobody answers.
describe.concurrent('with node names that do not resolve and nodes that cannot be reached from here,', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({
      nodes: 8,
      reachable: false,
      namesResolve: false,
      partitions: ['PartitionName=gpu Nodes=node3 MaxTime=INFINITE State=UP'],
    });
  });
  afterAll(() => lab?.down());
  const on = (nodelist: string, fleet: string) => [
    ...['--fleet', fleet, '--nodes', nodelist.includes('-') ? '2' : '1', '--nodelist', nodelist],
  ];

  test('deploy reports the servers as ready and unreachable from here, and prints their URLs', {}, async () => {
    const deployed = await deploy(lab, on('node[1-2]', 'plain'));
    expect(deployed.code, deployed.stderr).toBe(0);
    expect(deployed.stderr.match(/instance \d is ready .*: unreachable from here: no answer/g)).toHaveLength(
      2,
    );
    // The addresses as Slurm has them, since the names mean nothing here.
    expect(urlsOf(deployed).sort()).toEqual(
      lab.nodes.slice(0, 2).map(({ address }) => `http://${address}:8080`),
    );
    const all = await endpoints(lab, ['--fleet', 'plain']);
    expect(all.map(({ state, reachable }) => `${state} ${reachable}`)).toEqual([
      'ready false',
      'ready false',
    ]);
  });

  test('--probe-from checks the servers from a partition that reaches them', async () => {
    const deployed = await deploy(lab, [...on('node[4-5]', 'asked'), '--probe-from', 'gpu']);
    expect(deployed.code, deployed.stderr).toBe(0);
    expect(deployed.stderr).toContain('all 2 can be reached from partition gpu too');
    expect(urlsOf(deployed)).toHaveLength(2);
  });

  test('--probe-from exits with 5 and the URL of a server that the partition cannot reach', {}, async () => {
    const [node3, node7] = [lab.nodes[2], lab.nodes[6]];
    // What node7 answers node3 is dropped.
    const rule = `to ${node3?.address} ipproto tcp sport 8080 blackhole pref 90`.split(' ');
    await lab.onNode('node7', ['ip', 'rule', 'add', ...rule], { user: 'root' });
    const said = errorOf(await deploy(lab, [...on('node[6-7]', 'dropped'), '--probe-from', 'gpu']));
    await lab.onNode('node7', ['ip', 'rule', 'del', ...rule], { user: 'root' });
    expect(said).toMatchObject({
      code: 5,
      what: '1 of 2 servers cannot be reached from partition gpu',
      words: `http://${node7?.address}:8080`,
    });
    expect(said.hint).toContain('--endpoint-host');
    expect(await endpoints(lab, ['--fleet', 'dropped'])).toHaveLength(2);
  });

  test('--probe-from refuses an unknown partition', async () => {
    const said = errorOf(await deploy(lab, [...on('node8', 'nowhere'), '--probe-from', 'nope']));
    expect(said.code).toBe(5);
    expect(said.words).toMatch(/invalid partition specified: nope/i);
    expect(said.hint).toContain('--probe-from');
  });
});

describe.concurrent('--endpoint-host', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({ nodes: 1, runtime: 'embedded' });
  });
  afterAll(() => lab?.down());
  const one = (fleet: string, port: number, how: string) => [
    ...['--fleet', fleet, '--nodes', '1', '--endpoint-host', how],
    ...[...SHARED, '--port', String(port), '--port-range', `${port}-${port}`],
  ];

  const hosts = [
    ['nodeaddr', 8080, () => lab.nodes[0]?.address],
    ['nodename', 8081, () => 'node1'],
    ['fqdn', 8082, () => 'node1'],
    ['ip', 8083, () => lab.nodes[0]?.address],
    ['interface:eth0', 8084, () => lab.nodes[0]?.address],
  ] as const;
  for (const { rows, tags } of inParts(hosts, 2))
    test.each(rows)('%s', { tags }, async (how, port, host) => {
      const fleet = how.replace(':', '-');
      const deployed = await deploy(lab, one(fleet, port, how));
      expect(deployed.code, deployed.stderr).toBe(0);
      expect(urlsOf(deployed)).toEqual([`http://${host()}:${port}`]);
      const [only] = await endpoints(lab, ['--fleet', fleet]);
      expect(only).toMatchObject({ host: host(), node: 'node1', state: 'ready' });
      // The names are those of the cluster's own hosts file, which its login side reads.
      const answer = await lab.run(['curl', '-sS', '-m', '10', `${only?.url}/v1/ping`]);
      expect(answer.stdout, answer.stderr).toBe('"pong"');
    });

  test('fails for an interface that the nodes do not have', async () => {
    const said = errorOf(await deploy(lab, one('lacking', 8090, 'interface:ib0')));
    expect(said.code).toBe(5);
    expect(said.what).toMatch(/node node1 has no address by the endpoint host interface:ib0$/);
    expect(said.hint).toContain('--endpoint-host');
  });
});
