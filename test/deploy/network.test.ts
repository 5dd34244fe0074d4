import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, startLab } from '../support/lab.js';
import { errorOf } from './said.js';
import { deploy, endpoints, freeNodes, urlsOf } from './user.js';

describe('node names that resolve nowhere, and nodes that the login side cannot reach:', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({
      nodes: 3,
      reachable: false,
      namesResolve: false,
      partitions: ['PartitionName=gpu Nodes=node3 MaxTime=INFINITE State=UP'],
    });
  });
  afterAll(() => lab?.down());
  const two = ['--nodes', '2', '--nodelist', 'node[1-2]'];

  test('ready all the same: their URLs are printed and told as unreachable from here', async () => {
    const deployed = await deploy(lab, two);
    expect(deployed.code, deployed.stderr).toBe(0);
    expect(deployed.stderr.match(/instance \d ready .*: unreachable from here: no answer/g)).toHaveLength(2);
    // The addresses as Slurm has them, since the names mean nothing here.
    expect(urlsOf(deployed).sort()).toEqual(
      lab.nodes.slice(0, 2).map(({ address }) => `http://${address}:8080`),
    );
    const all = await endpoints(lab);
    expect(all.map(({ state, reachable }) => `${state} ${reachable}`)).toEqual([
      'ready false',
      'ready false',
    ]);
  });

  test('--probe-from asks from where they can be reached', async () => {
    const deployed = await deploy(lab, [...two, '--probe-from', 'gpu']);
    expect(deployed.code, deployed.stderr).toBe(0);
    expect(deployed.stderr).toContain('all 2 answer a node of partition gpu too');
    expect(urlsOf(deployed)).toHaveLength(2);
  });

  test('--probe-from from where one cannot be reached: exit 5, with its URL', async () => {
    const [, node2, node3] = lab.nodes;
    // What node2 answers node3 is dropped.
    const rule = `to ${node3?.address} ipproto tcp sport 8080 blackhole pref 90`.split(' ');
    await lab.onNode('node2', ['ip', 'rule', 'add', ...rule], { user: 'root' });
    const said = errorOf(await deploy(lab, [...two, '--probe-from', 'gpu']));
    await lab.onNode('node2', ['ip', 'rule', 'del', ...rule], { user: 'root' });
    expect(said).toMatchObject({
      code: 5,
      what: '1 of 2 servers cannot be reached from partition gpu',
      words: `http://${node2?.address}:8080`,
    });
    expect(said.hint).toContain('--endpoint-host');
    expect(await endpoints(lab)).toHaveLength(2);
  });

  test('--probe-from from a partition that is not there', async () => {
    const said = errorOf(await deploy(lab, [...two, '--probe-from', 'nope']));
    expect(said.code).toBe(5);
    expect(said.words).toMatch(/invalid partition specified: nope/i);
    expect(said.hint).toContain('--probe-from');
  });
});

describe('--endpoint-host', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({ nodes: 1 });
  });
  afterAll(() => lab?.down());
  afterEach(() => freeNodes(lab));

  test.each([
    ['nodeaddr', () => lab.nodes[0]?.address],
    ['nodename', () => 'node1'],
    ['fqdn', () => 'node1'],
    ['ip', () => lab.nodes[0]?.address],
    ['interface:eth0', () => lab.nodes[0]?.address],
  ])('%s', async (how, host) => {
    const deployed = await deploy(lab, ['--nodes', '1', '--fleet', 'hosts', '--endpoint-host', how]);
    expect(deployed.code, deployed.stderr).toBe(0);
    expect(urlsOf(deployed)).toEqual([`http://${host()}:8080`]);
    const [only] = await endpoints(lab, ['--fleet', 'hosts']);
    expect(only).toMatchObject({ host: host(), node: 'node1', state: 'ready' });
    // The names are those of the cluster's own hosts file, which its login side reads.
    const answer = await lab.run(['curl', '-sS', '-m', '10', `${only?.url}/v1/ping`]);
    expect(answer.stdout, answer.stderr).toBe('"pong"');
  });

  test('an interface that the nodes lack is an error: the URL would be one that nobody asked for', async () => {
    const argv = ['--nodes', '1', '--fleet', 'hosts', '--endpoint-host', 'interface:ib0'];
    const said = errorOf(await deploy(lab, argv));
    expect(said.code).toBe(5);
    expect(said.what).toMatch(/node node1 has no address by the endpoint host interface:ib0$/);
    expect(said.hint).toContain('--endpoint-host');
  });
});
