import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nodeAddresses } from '../../src/control/node-addresses.js';
import type { ClusterFacts } from '../../src/fleet/cluster-facts.js';
import { folder } from '../endpoints/folder.js';
import { endpoint, fleet } from '../endpoints/samples.js';
import { registered } from '../fleet/facts.js';

const facts = (address: string): ClusterFacts => ({
  ...{ partitions: [], maxArraySize: 1, name: null, needsAccount: false },
  nodes: [{ name: 'node1', address, partition: 'cpuonly', cpus: 1, memory: 1, gpus: 0, state: 'idle' }],
});
const servers = [registered('1_0', { node: 'node1', host: '' })];

async function watched(cluster: () => Promise<ClusterFacts>, file?: object) {
  const path = join(folder(), 'endpoints.json');
  if (file !== undefined) await writeFile(path, JSON.stringify(file));
  const clock = { now: 0 };
  const hosts = nodeAddresses({ cluster, endpoints: path, now: () => clock.now, onChange: () => undefined });
  return { hosts, clock };
}

it('while the scheduler does not answer, a server keeps the address that clients have', async () => {
  let asked = 0;
  let answer: () => Promise<ClusterFacts> = async () => {
    throw new Error('Unable to contact slurm controller');
  };
  const cluster = () => {
    asked += 1;
    return answer();
  };
  const { hosts, clock } = await watched(
    cluster,
    fleet([{ ...endpoint(0), node: 'node1', host: '10.0.0.1' }]),
  );
  await hosts.learn(servers);
  expect(hosts.addresses.get('node1')).toBe('10.0.0.1');
  await hosts.learn(servers);
  expect(asked).toBe(1);
  answer = async () => facts('10.0.0.2');
  clock.now += 5_000;
  await hosts.learn(servers);
  await new Promise((resolve) => setImmediate(resolve));
  expect([asked, hosts.addresses.get('node1')]).toEqual([2, '10.0.0.2']);
  clock.now += 5_000;
  await hosts.learn(servers);
  expect(asked).toBe(2);
});

it('a node that nobody has told of is asked for at once, and once where the scheduler does not know it', async () => {
  let asked = 0;
  const { hosts, clock } = await watched(async () => {
    asked += 1;
    return facts('10.0.0.3');
  });
  await hosts.learn([...servers, registered('1_1', { node: 'elsewhere', host: '' })]);
  expect([...hosts.addresses]).toEqual([['node1', '10.0.0.3']]);
  clock.now += 5_000;
  await hosts.learn([registered('1_1', { node: 'elsewhere', host: '' })]);
  expect(asked).toBe(1);
});
