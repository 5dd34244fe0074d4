import { SandboxctlError } from '../errors.js';
import type { ClusterFacts, NodeFact, PartitionFact } from './cluster-facts.js';

/** The partitions that a job is submitted to: Slurm starts it in the first of several that is free. */
export interface AskedPartitions {
  /** As it was asked for, and as sbatch takes it: `cpu` or `cpu,short`. */
  name: string;
  members: PartitionFact[];
  /** Each once, though it may be in several. */
  nodes: NodeFact[];
}

/** The names in a list of partitions. sbatch passes over empty ones. */
export function partitionNames(list: string): string[] {
  return list.split(',').filter((name) => name !== '');
}

/**
 * What was asked for with `flag`; the default where that is null. Throws kind `refused` for what sbatch refuses:
 * a partition that is not there, or none that takes jobs. One that is down takes them, and lets them wait.
 */
export function askedPartitions(
  asked: string | null,
  cluster: ClusterFacts,
  flag = '--partition',
): AskedPartitions {
  const known = cluster.partitions.map((partition) => partition.name).sort();
  const found = (name: string): PartitionFact => {
    const partition = cluster.partitions.find((each) => each.name === name);
    if (partition !== undefined) return partition;
    throw refuse(`there is no partition '${name}'`, `partitions: ${known.join(' ')}`, flag);
  };
  const usual = cluster.partitions.filter((partition) => partition.isDefault);
  const members = asked === null ? usual : partitionNames(asked).map(found);
  if (members.length === 0) {
    const what =
      asked === null ? 'this cluster has no default partition' : `there is no partition '${asked}'`;
    throw refuse(what, `partitions: ${known.join(' ')}`, flag);
  }
  if (members.every(({ availability }) => /^(drain|inact)/.test(availability))) {
    const [what, says] = [members.map(({ name }) => name), members.map(({ availability }) => availability)];
    throw refuse(`partition ${what.join(',')} takes no jobs now`, `sinfo says: ${says.join(', ')}`, flag);
  }
  const name = asked ?? members.map((partition) => partition.name).join(',');
  return { name, members, nodes: nodesOf(name, cluster) };
}

export function nodesOf(list: string, cluster: Pick<ClusterFacts, 'nodes'>): NodeFact[] {
  const names = partitionNames(list);
  const members = cluster.nodes.filter((node) => names.includes(node.partition));
  return [...new Map(members.map((node) => [node.name, node])).values()];
}

/** The longest that a job may run in every one of them, in seconds; null for no limit. */
export function shortestLimit({ members }: Pick<AskedPartitions, 'members'>): number | null {
  const limits = members.flatMap(({ timeLimit }) => timeLimit ?? []);
  return limits.length === 0 ? null : Math.min(...limits);
}

/** The longest that a job may run in any of them, in seconds; null for no limit. */
export function longestLimit({ members }: Pick<AskedPartitions, 'members'>): number | null {
  const limits = members.map(({ timeLimit }) => timeLimit ?? Number.POSITIVE_INFINITY);
  return limits.includes(Number.POSITIVE_INFINITY) ? null : Math.max(...limits);
}

function refuse(what: string, words: string, flag: string): SandboxctlError {
  const hint = what.endsWith('now') ? `name another with ${flag}` : `name one of them with ${flag}`;
  return new SandboxctlError('refused', { what, words, hint });
}
