import { failureError } from '../failures/finding.js';
import type { ClusterFacts, NodeFact, PartitionFact } from './cluster-facts.js';
import type { Spec } from './spec.js';

export interface RequestedPartitions {
  /** As sbatch takes it: `cpu` or `cpu,short`. */
  name: string;
  members: PartitionFact[];
  /** Without duplicates: a node may be in several partitions. */
  nodes: NodeFact[];
}

export function partitionNames(list: string): string[] {
  return list.split(',').filter((name) => name !== '');
}

/**
 * The default partition for null. Throws kind `refused` for an unknown partition, or if none accepts jobs. A
 * partition that is down keeps jobs pending.
 */
export function requestedPartitions(
  names: string | null,
  cluster: ClusterFacts,
  flag = '--partition',
): RequestedPartitions {
  const known = cluster.partitions.map((partition) => partition.name).sort();
  const detail = `partitions: ${known.join(' ')}`;
  const find = (name: string): PartitionFact => {
    const partition = cluster.partitions.find((each) => each.name === name);
    if (partition !== undefined) return partition;
    throw failureError('partition-unknown', { partition: name, flag }, { detail });
  };
  const defaults = cluster.partitions.filter((partition) => partition.isDefault);
  const members = names === null ? defaults : partitionNames(names).map(find);
  if (members.length === 0) {
    if (names === null) throw failureError('partition-not-named', { flag }, { detail });
    throw failureError('partition-unknown', { partition: names, flag }, { detail });
  }
  if (members.every(({ availability }) => /^(drain|inact)/.test(availability))) {
    const states = members.map(({ availability }) => availability).join(', ');
    const closed = members.map((partition) => partition.name).join(',');
    throw failureError('partition-closed', { partition: closed, flag }, { detail: `sinfo says: ${states}` });
  }
  const name = names ?? members.map((partition) => partition.name).join(',');
  return { name, members, nodes: nodesOf(name, cluster) };
}

export function nodesOf(list: string, cluster: Pick<ClusterFacts, 'nodes'>): NodeFact[] {
  const names = partitionNames(list);
  const members = cluster.nodes.filter((node) => names.includes(node.partition));
  return [...new Map(members.map((node) => [node.name, node])).values()];
}

export function shortestLimit({ members }: Pick<RequestedPartitions, 'members'>): number | null {
  const limits = members.flatMap(({ timeLimit }) => timeLimit ?? []);
  return limits.length === 0 ? null : Math.min(...limits);
}

export function longestLimit({ members }: Pick<RequestedPartitions, 'members'>): number | null {
  const limits = members.map(({ timeLimit }) => timeLimit ?? Number.POSITIVE_INFINITY);
  return limits.includes(Number.POSITIVE_INFINITY) ? null : Math.max(...limits);
}

/** sbatch refuses a one-node job that lists two nodes, so several allowed nodes exclude the others. */
export function excludedNodes({ job }: Pick<Spec, 'job'>, cluster: Pick<ClusterFacts, 'nodes'>): string[] {
  const { nodelist, exclude, partition } = job.slurm;
  if (nodelist.length <= 1) return exclude;
  const others = nodesOf(partition, cluster).filter((node) => !nodelist.includes(node.name));
  return [...new Set([...exclude, ...others.map((node) => node.name)])];
}
