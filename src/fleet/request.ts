import type { Config } from '../config/settings.js';
import { formatSlurmTime, parseTimeLimit } from '../config/units.js';
import { failureError } from '../failures/finding.js';
import type { ClusterFacts, NodeFact } from './cluster-facts.js';
import {
  longestLimit,
  type RequestedPartitions,
  requestedPartitions,
  shortestLimit,
} from './requested-partitions.js';
import type { Checkout, ClusterName, EnvEntry, JobSpec, RuntimeName } from './spec.js';

export interface Resolved {
  cluster: ClusterName;
  runtime: RuntimeName;
  image: { path: string; sha256: string } | null;
  checkout: Checkout | null;
  nodelist: string[];
  exclude: string[];
  env: EnvEntry[];
  isolationAsked: boolean;
  /** Digest of the user's own template; null for ours. */
  template: string | null;
}

/** The default time limit, as in Reasoning360's usage guide: 4-00:00:00, in seconds. */
export const DEFAULT_TIME_S = 4 * 24 * 3600;

/**
 * Throws kind `refused` for what sbatch refuses, and for a fleet that can never be complete: more nodes, CPUs or
 * time than its partitions have.
 */
export function jobSpec(config: Config, nodes: number, cluster: ClusterFacts, resolved: Resolved): JobSpec {
  const partition = requestedPartitions(config.partition, cluster);
  const usable = usableNodes(partition, cluster, resolved);
  // Cloud nodes may be hidden while they are powered down.
  const seen = partition.nodes.length > 0;
  if (seen && (usable.length === 0 || (config.exclusive && nodes > usable.length))) {
    const asked = nodes === 1 ? '1 node was' : `${nodes} nodes were`;
    const left = usable.map((node) => node.name).join(' ') || 'no node is left';
    throw failureError(
      'nodes-too-few',
      { asked, usable: String(usable.length) },
      { detail: `partition ${partition.name}: ${left}` },
    );
  }
  if (seen) checkCpus(config, nodes, partition, usable);
  return {
    ...serverSpec(config, resolved),
    slurm: {
      partition: partition.name,
      nodelist: resolved.nodelist,
      exclude: resolved.exclude,
      time: chooseTime(config, partition),
      // On shared nodes, the CPUs of the smallest node, so that any node will do.
      cpusPerTask:
        config.cpusPerTask ??
        (config.exclusive || !seen ? null : Math.min(...usable.map((node) => node.cpus))),
      mem: config.mem,
      exclusive: config.exclusive,
      account: config.account,
      qos: config.qos,
      constraint: config.constraint,
      reservation: config.reservation,
      args: config.sbatchArg,
    },
  };
}

/** The same for this machine, without what only Slurm has: partitions and a queue. */
export function localJobSpec(config: Config, resolved: Resolved): JobSpec {
  return {
    ...serverSpec(config, resolved),
    slurm: {
      partition: 'local',
      nodelist: [],
      exclude: [],
      time: config.time ?? formatSlurmTime(DEFAULT_TIME_S),
      cpusPerTask: config.cpusPerTask,
      mem: null,
      exclusive: false,
      account: null,
      qos: null,
      constraint: null,
      reservation: null,
      args: [],
    },
  };
}

function serverSpec(config: Config, resolved: Resolved): Omit<JobSpec, 'slurm'> {
  const { cluster, runtime, checkout } = resolved;
  return {
    ...(cluster === 'slurm' ? {} : { cluster }),
    runtime,
    image: resolved.image,
    ...(checkout === null ? {} : { checkout }),
    ...(runtime === 'embedded' || runtime === 'checkout' ? { isolation: config.isolation } : {}),
    ...(runtime === 'embedded' && config.isolation === 'lite' && resolved.isolationAsked
      ? { isolationAsked: true }
      : {}),
    port: config.port,
    portRange: config.portRange,
    workers: config.workers,
    env: resolved.env,
    mounts: config.mount,
    endpointHost: config.endpointHost,
    template: resolved.template,
  };
}

function usableNodes(partition: RequestedPartitions, cluster: ClusterFacts, resolved: Resolved): NodeFact[] {
  const members = partition.nodes;
  const unknown = resolved.nodelist.find((name) => !cluster.nodes.some((node) => node.name === name));
  if (unknown !== undefined && members.length > 0) {
    const detail = `nodes of partition ${partition.name}: ${members.map((node) => node.name).join(' ')}`;
    throw failureError('node-unknown', { node: unknown }, { detail });
  }
  const allowed =
    resolved.nodelist.length === 0
      ? members
      : members.filter((node) => resolved.nodelist.includes(node.name));
  return allowed.filter((node) => !resolved.exclude.includes(node.name));
}

/** Slurm accepts an array whose jobs no node is large enough for; they stay pending with PartitionConfig. */
function checkCpus(
  { cpusPerTask, exclusive }: Config,
  nodes: number,
  partition: RequestedPartitions,
  usable: readonly NodeFact[],
): void {
  if (cpusPerTask === null) return;
  const large = usable.filter((node) => node.cpus >= cpusPerTask);
  if (large.length >= (exclusive ? nodes : 1)) return;
  const where = nodes === 1 ? '1 node' : `each of ${nodes} nodes`;
  throw failureError(
    'cpus-too-few',
    { asked: String(cpusPerTask), where, large: String(large.length) },
    {
      detail: `partition ${partition.name}: ${usable.map((node) => `${node.name} has ${node.cpus}`).join(', ')}`,
    },
  );
}

/**
 * As requested; else the default, or the limit that all of its partitions allow. A quality of service or a
 * reservation may allow more.
 */
function chooseTime({ time, qos, reservation }: Config, partition: RequestedPartitions): string {
  if (time === null)
    return formatSlurmTime(Math.min(DEFAULT_TIME_S, shortestLimit(partition) ?? DEFAULT_TIME_S));
  const [limit, seconds] = [longestLimit(partition), parseTimeLimit(time) ?? Number.POSITIVE_INFINITY];
  if (limit === null || seconds <= limit || qos !== null || reservation !== null) return time;
  throw failureError(
    'time-too-long',
    { time, partition: partition.name, limit: formatSlurmTime(limit) },
    { detail: `the partition's limit is ${formatSlurmTime(limit)}` },
  );
}
