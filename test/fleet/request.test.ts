import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import type { SandboxctlError } from '../../src/errors.js';
import type { ClusterFacts } from '../../src/fleet/cluster-facts.js';
import { jobSpec, type Resolved } from '../../src/fleet/request.js';
import type { JobSpec } from '../../src/fleet/spec.js';

const HOUR = 3_600;

function node(name: string, cpus: number, partition = 'cpuonly') {
  return { name, address: name, partition, cpus, memory: 1024, gpus: 0, state: 'idle' };
}

const cluster: ClusterFacts = {
  nodes: [node('node1', 96), node('node2', 64), node('node3', 32), node('gpu1', 8, 'gpu')],
  partitions: [
    { name: 'cpuonly', isDefault: true, timeLimit: null, availability: 'up', minNodes: 1 },
    { name: 'gpu', isDefault: false, timeLimit: HOUR, availability: 'up', minNodes: 1 },
    { name: 'long', isDefault: false, timeLimit: 30 * 24 * HOUR, availability: 'up', minNodes: 1 },
    { name: 'closed', isDefault: false, timeLimit: null, availability: 'drain', minNodes: 1 },
    { name: 'down', isDefault: false, timeLimit: null, availability: 'down', minNodes: 1 },
    { name: 'cloud', isDefault: false, timeLimit: 2 * HOUR, availability: 'up', minNodes: 1 },
  ],
  maxArraySize: 1001,
  name: 'east',
  needsAccount: false,
};

const nothing: Resolved = {
  cluster: 'slurm',
  image: { path: '/images/sandbox.sqsh', sha256: 'aa' },
  runtime: 'pyxis',
  checkout: null,
  nodelist: [],
  exclude: [],
  env: [],
  template: null,
  isolationAsked: false,
};

async function ask(
  flags: Record<string, unknown>,
  nodes = 1,
  resolved: Partial<Resolved> = {},
  on = cluster,
): Promise<JobSpec> {
  const { config } = await loadConfig({ flags, env: {}, cwd: '/', home: '/nonexistent' });
  return jobSpec(config, nodes, on, { ...nothing, ...resolved });
}

async function refusal(...args: Parameters<typeof ask>): Promise<Partial<SandboxctlError>> {
  const error = await ask(...args).catch((thrown: SandboxctlError) => thrown);
  if (!(error instanceof Error)) throw new Error('it was not refused');
  return { kind: error.kind, message: error.message, detail: error.detail };
}

describe('a request is refused for', () => {
  it('more nodes than there are', async () => {
    expect(await refusal({}, 4)).toEqual({
      kind: 'refused',
      message: '4 nodes were asked for, and the fleet may use 3',
      detail: 'partition cpuonly: node1 node2 node3',
    });
  });

  it('more nodes than --nodelist and --exclude leave', async () => {
    expect((await refusal({}, 2, { nodelist: ['node2'] })).detail).toBe('partition cpuonly: node2');
    expect((await refusal({}, 3, { exclude: ['node1'] })).detail).toBe('partition cpuonly: node2 node3');
    expect((await refusal({}, 1, { nodelist: ['node1'], exclude: ['node1'] })).detail).toBe(
      'partition cpuonly: no node is left',
    );
  });

  it('no nodes at all, also where nodes are shared', async () => {
    expect((await refusal({ exclusive: false }, 1, { nodelist: ['gpu1'] })).message).toBe(
      '1 node was asked for, and the fleet may use 0',
    );
  });

  it('an unknown node, but not for one to exclude: sbatch accepts hidden and FUTURE ones', async () => {
    expect((await ask({}, 1, { exclude: ['cloud1'] })).slurm.exclude).toEqual(['cloud1']);
  });

  it('a node that does not exist', async () => {
    expect(await refusal({}, 1, { nodelist: ['node1', 'node9'] })).toEqual({
      kind: 'refused',
      message: "there is no node 'node9'",
      detail: 'nodes of partition cpuonly: node1 node2 node3',
    });
  });

  it('a partition that does not exist, no default partition, or one that accepts no jobs', async () => {
    expect(await refusal({ partition: 'cpu' })).toEqual({
      kind: 'refused',
      message: "there is no partition 'cpu'",
      detail: 'partitions: closed cloud cpuonly down gpu long',
    });
    const partitions = cluster.partitions.map((each) => ({ ...each, isDefault: false }));
    expect((await refusal({}, 1, {}, { ...cluster, partitions })).message).toBe(
      'this cluster has no default partition',
    );
    expect(await refusal({ partition: 'closed' })).toMatchObject({
      message: 'partition closed accepts no jobs now',
      detail: 'sinfo says: drain',
    });
  });

  it('more CPUs than the nodes have, or than enough nodes have', async () => {
    expect(await refusal({ cpusPerTask: 97 })).toEqual({
      kind: 'refused',
      message: "97 CPUs were asked for on 1 node, and 0 of the fleet's have so many",
      detail: 'partition cpuonly: node1 has 96, node2 has 64, node3 has 32',
    });
    expect((await refusal({ cpusPerTask: 64 }, 3)).message).toBe(
      "64 CPUs were asked for on each of 3 nodes, and 2 of the fleet's have so many",
    );
    expect((await refusal({ cpusPerTask: 96 }, 1, { exclude: ['node1'] })).message).toMatch(/^96 CPUs/);
    expect((await ask({ cpusPerTask: 64 }, 2)).slurm.cpusPerTask).toBe(64);
    expect((await ask({ cpusPerTask: 96, exclusive: false }, 50)).slurm.cpusPerTask).toBe(96);
  });

  it.each(['2:00:00', '61', 'UNLIMITED'])('a time of %s where the partition allows an hour', async (time) => {
    expect(await refusal({ partition: 'gpu', time })).toMatchObject({
      kind: 'refused',
      message: `a time limit of ${time} is more than partition gpu allows`,
    });
  });
});

describe('a request is left to Slurm for', () => {
  it('a partition that is down, or whose nodes are hidden', async () => {
    const nodes = [...cluster.nodes, node('node4', 2, 'down')];
    expect((await ask({ partition: 'down' }, 1, {}, { ...cluster, nodes })).slurm.partition).toBe('down');
    const cloud = await ask({ partition: 'cloud', exclusive: false }, 9);
    expect(cloud.slurm).toMatchObject({ partition: 'cloud', time: '0-02:00:00', cpusPerTask: null });
  });

  it('more time than the partition allows, where a quality of service or a reservation may allow it', async () => {
    expect((await ask({ partition: 'gpu', time: '61', qos: 'long' })).slurm.time).toBe('61');
    expect((await ask({ partition: 'gpu', time: '0', reservation: 'r' })).slurm.time).toBe('0');
  });
});

describe('a request for several partitions', () => {
  it('names them as they were given, with a time that fits all and the nodes of each', async () => {
    const nodes = [...cluster.nodes, node('node1', 96, 'gpu')];
    const { slurm } = await ask({ partition: 'cpuonly,gpu', exclusive: false }, 1, {}, { ...cluster, nodes });
    expect(slurm).toMatchObject({ partition: 'cpuonly,gpu', time: '0-01:00:00', cpusPerTask: 8 });
    expect((await ask({ partition: 'cpuonly,gpu' }, 4)).slurm.partition).toBe('cpuonly,gpu');
    expect((await refusal({ partition: 'cpuonly,gpu' }, 5)).detail).toBe(
      'partition cpuonly,gpu: node1 node2 node3 gpu1',
    );
  });

  it('accepts what one of them accepts', async () => {
    expect((await ask({ partition: 'gpu,cpuonly', time: '2:00:00' })).slurm.time).toBe('2:00:00');
    expect((await ask({ partition: 'closed,cpuonly' })).slurm.partition).toBe('closed,cpuonly');
    expect((await refusal({ partition: 'cpuonly,nope' })).message).toBe("there is no partition 'nope'");
    expect((await refusal({ partition: ',' })).message).toBe("there is no partition ','");
  });
});

describe('the default of a request', () => {
  it('is a time of four days, or the partition’s limit where that is less', async () => {
    expect((await ask({})).slurm.time).toBe('4-00:00:00');
    expect((await ask({ partition: 'gpu' })).slurm.time).toBe('0-01:00:00');
    const long = { ...cluster, nodes: [...cluster.nodes, node('node4', 2, 'long')] };
    expect((await ask({ partition: 'long' }, 1, {}, long)).slurm.time).toBe('4-00:00:00');
  });

  it('does not replace a time that is given', async () => {
    expect((await ask({ partition: 'gpu', time: '60' })).slurm.time).toBe('60');
    expect((await ask({ time: 'UNLIMITED' })).slurm.time).toBe('UNLIMITED');
  });

  it('is all CPUs of a whole node, and those of the smallest of shared ones', async () => {
    expect((await ask({})).slurm.cpusPerTask).toBeNull();
    expect((await ask({ exclusive: false })).slurm.cpusPerTask).toBe(32);
    expect((await ask({ exclusive: false }, 1, { exclude: ['node3'] })).slurm.cpusPerTask).toBe(64);
    expect((await ask({ exclusive: false, cpusPerTask: 4 })).slurm.cpusPerTask).toBe(4);
  });
});

it('a request for shared nodes may have more servers than there are nodes', async () => {
  expect((await ask({ exclusive: false }, 50)).slurm.exclusive).toBe(false);
});
