import { formatSlurmTime } from '../config/units.js';
import type { ClusterFacts, NodeFact, PartitionFact } from './cluster-facts.js';

export interface Place {
  partition: PartitionFact;
  nodes: NodeFact[];
  closed: string | null;
}

const SHORT_S = 24 * 3600;

/**
 * Best first: accepts our jobs, has no GPUs, allows a day; then the default, then the largest. `open`: names that
 * this user may use, empty if unknown.
 */
export function rankPartitions(cluster: ClusterFacts, open: readonly string[]): Place[] {
  const places = cluster.partitions.map((partition): Place => {
    const nodes = cluster.nodes.filter((node) => node.partition === partition.name);
    return { partition, nodes, closed: whyClosed(partition, nodes, open) };
  });
  return places
    .map((place) => ({ place, marks: marksOf(place) }))
    .sort((a, b) => compare(a.marks, b.marks) || (a.place.partition.name < b.place.partition.name ? -1 : 1))
    .map(({ place }) => place);
}

export function whyFirst([first, ...others]: readonly Place[]): string {
  const rivals = others.filter(({ closed }) => closed === null);
  if (first === undefined) return '';
  if (rivals.length === 0) return 'the only one that takes your jobs';
  const reasons = [
    first.partition.isDefault ? "the cluster's default" : '',
    gpuNodes(first) === 0 && rivals.some((one) => gpuNodes(one) > 0)
      ? 'its nodes have no GPUs, which sandboxes would keep from others'
      : '',
    !isShort(first) && rivals.some(isShort) ? 'its jobs may run for a day or more' : '',
  ].filter((reason) => reason !== '');
  return reasons.join('; ') || 'the largest';
}

export function describePlace({ partition, nodes, closed }: Place): string {
  const limit =
    partition.timeLimit === null ? 'no time limit' : `at most ${formatSlurmTime(partition.timeLimit)}`;
  return [sizes(nodes), limit, ...(closed === null ? [] : [closed])].join(', ');
}

/** `4 nodes: 2 of 96 CPUs and 384 GB, 2 of 64 CPUs, 256 GB and 8 GPUs` */
function sizes(nodes: readonly NodeFact[]): string {
  const counted = new Map<string, number>();
  for (const node of [...nodes].sort((a, b) => b.cpus - a.cpus)) {
    const size = sizeOf(node);
    counted.set(size, (counted.get(size) ?? 0) + 1);
  }
  const count = nodes.length === 1 ? '1 node' : `${nodes.length} nodes`;
  const [only] = counted.keys();
  if (counted.size === 1) return `${count} of ${only}`;
  return `${count}: ${[...counted].map(([size, many]) => `${many} of ${size}`).join(', ')}`;
}

export function sizeOf({ cpus, memory, gpus }: Pick<NodeFact, 'cpus' | 'memory' | 'gpus'>): string {
  const parts = [
    `${cpus} CPUs`,
    `${Math.round(memory / 1024)} GB`,
    ...(gpus === 0 ? [] : [gpus === 1 ? '1 GPU' : `${gpus} GPUs`]),
  ];
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

export function isUp({ state }: NodeFact): boolean {
  return /^(idle|mixed|allocated|completing|planned|reserved)/.test(state) && !/[*$]$/.test(state);
}

function whyClosed(
  partition: PartitionFact,
  nodes: readonly NodeFact[],
  open: readonly string[],
): string | null {
  if (partition.availability !== 'up') return `takes no jobs now (${partition.availability})`;
  if (open.length > 0 && !open.includes(partition.name)) return 'hidden, or not for your groups';
  if (partition.minNodes > 1) return `not for jobs of one node (at least ${partition.minNodes})`;
  return nodes.some(isUp) ? null : 'no node of it is up';
}

function marksOf(place: Place): number[] {
  const { partition, nodes, closed } = place;
  const gpus = gpuNodes(place);
  return [
    closed === null ? 0 : 1,
    gpus === 0 ? 0 : gpus < nodes.length ? 1 : 2,
    isShort(place) ? 1 : 0,
    partition.isDefault ? 0 : 1,
    -nodes.filter(isUp).reduce((sum, node) => sum + node.cpus, 0),
  ];
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((mark, index) => mark !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

function gpuNodes({ nodes }: Place): number {
  return nodes.filter((node) => node.gpus > 0).length;
}

function isShort({ partition }: Place): boolean {
  return partition.timeLimit !== null && partition.timeLimit < SHORT_S;
}
