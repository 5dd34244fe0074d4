import { expect, it } from 'vitest';
import type { ClusterFacts, NodeFact, PartitionFact } from '../../src/fleet/cluster-facts.js';
import { describePlace, rankPartitions, whyFirst } from '../../src/fleet/partitions.js';

const DAY = 24 * 3600;

type Shape = Partial<PartitionFact> & { nodes?: Partial<NodeFact>[] };

/** A cluster of partitions by their names; each has one idle node of 8 CPUs unless it says otherwise. */
function cluster(shapes: Readonly<Record<string, Shape>>): ClusterFacts {
  const partitions = Object.entries(shapes).map(([name, { nodes: _, ...more }]) => ({
    ...{ name, isDefault: false, timeLimit: null, availability: 'up', minNodes: 1 },
    ...more,
  }));
  const nodes = Object.entries(shapes).flatMap(([partition, { nodes: members = [{}] }]) =>
    members.map((more) => ({
      ...{ name: 'n', address: 'n', partition, cpus: 8, memory: 16_384, gpus: 0, state: 'idle' },
      ...more,
    })),
  );
  return { nodes, partitions, maxArraySize: 1001, name: 'c', needsAccount: false };
}

const order = (shapes: Readonly<Record<string, Shape>>, open: string[] = []) => {
  const places = rankPartitions(cluster(shapes), open);
  return [places.map(({ partition }) => partition.name).join(' '), whyFirst(places)];
};

it.each<[Readonly<Record<string, Shape>>, string, string | RegExp]>([
  [{ only: {} }, 'only', 'the only one that takes your jobs'],
  [{ b: {}, a: { isDefault: true } }, 'a b', "the cluster's default"],
  [{ a: {}, b: { nodes: [{}, {}] } }, 'b a', 'the largest'],
  [{ a: { nodes: [{ cpus: 64, state: 'down*' }, {}] }, b: { nodes: [{ cpus: 9 }] } }, 'b a', 'the largest'],
  [{ gpu: { isDefault: true, nodes: [{ gpus: 8 }] }, short: { timeLimit: 600 } }, 'short gpu', /no GPUs/],
  [{ gpu: { nodes: [{ gpus: 8 }] }, mixed: { nodes: [{ gpus: 8 }, {}] } }, 'mixed gpu', 'the largest'],
  [{ a: { isDefault: true, timeLimit: 3600 }, b: { timeLimit: DAY } }, 'b a', /a day or more/],
  [{ a: { isDefault: true, availability: 'drain' }, b: {} }, 'b a', /only one/],
  [{ a: { isDefault: true, minNodes: 2 }, b: { timeLimit: 60 } }, 'b a', /only one/],
  [{ a: { isDefault: true, nodes: [{ state: 'drained' }] }, b: {} }, 'b a', /only one/],
])('partitions %j are ranked %s', (shapes, names, why) => {
  expect(order(shapes)).toEqual([names, expect.stringMatching(why)]);
});

it('partitions that this user may use are ranked first; all where that is unknown', () => {
  const shapes = { a: { isDefault: true }, b: {} };
  expect(order(shapes, ['b'])[0]).toBe('b a');
  expect(order(shapes, [])[0]).toBe('a b');
});

it('describePlace shows a partition in one line', () => {
  const nodes = [{ cpus: 96, memory: 385_000 }, { cpus: 96, memory: 385_000 }, { gpus: 1 }];
  const [place] = rankPartitions(cluster({ a: { timeLimit: 2 * DAY, availability: 'down', nodes } }), []);
  expect(place === undefined ? '' : describePlace(place)).toBe(
    '3 nodes: 2 of 96 CPUs and 376 GB, 1 of 8 CPUs, 16 GB and 1 GPU, at most 2-00:00:00, takes no jobs now (down)',
  );
});
