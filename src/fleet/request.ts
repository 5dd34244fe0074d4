import type { Config } from '../config/settings.js';
import { formatSlurmTime, parseSlurmTime } from '../config/units.js';
import { SandboxctlError } from '../errors.js';
import type { ClusterFacts, NodeFact, PartitionFact } from '../scheduler/port.js';
import type { Checkout, ClusterName, EnvEntry, JobSpec, RuntimeName } from './spec.js';

/** What the configuration leaves open, looked up by the command. */
export interface Resolved {
  cluster: ClusterName;
  runtime: RuntimeName;
  /** Null where the runtime needs none. */
  image: { path: string; sha256: string } | null;
  /** Null for other runtimes. */
  checkout: Checkout | null;
  nodelist: string[];
  exclude: string[];
  env: EnvEntry[];
  /** Digest of the user's own template; null for ours. */
  template: string | null;
}

/** The guide's time limit: 4-00:00:00, in seconds. */
export const GUIDE_TIME_S = 4 * 24 * 3600;

/**
 * The job that a configuration asks for on this cluster. Throws kind `refused` for what Slurm would
 * accept and let pend for ever: more nodes than there are, a partition that is down, too much time.
 */
export function jobSpec(config: Config, nodes: number, cluster: ClusterFacts, resolved: Resolved): JobSpec {
  const partition = choosePartition(config.partition, cluster);
  const usable = usableNodes(partition, cluster, resolved);
  if (usable.length === 0 || (config.exclusive && nodes > usable.length)) {
    throw refuse(
      `${nodes === 1 ? '1 node was' : `${nodes} nodes were`} asked for, and the fleet may use ${usable.length}`,
      `partition ${partition.name}: ${usable.map((node) => node.name).join(' ') || 'no node is left'}`,
      'ask for fewer with --nodes, widen --nodelist, or share nodes with --no-exclusive',
    );
  }
  checkCpus(config, nodes, partition, usable);
  return {
    ...serverSpec(config, resolved),
    slurm: {
      partition: partition.name,
      nodelist: resolved.nodelist,
      exclude: resolved.exclude,
      time: chooseTime(config.time, partition),
      // A whole node gives all of its CPUs; a shared one what the smallest node has, so that any will do.
      cpusPerTask:
        config.cpusPerTask ?? (config.exclusive ? null : Math.min(...usable.map((node) => node.cpus))),
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

/** The same on this machine, which has no partitions and no queue: what is Slurm's alone is left out. */
export function localJobSpec(config: Config, resolved: Resolved): JobSpec {
  return {
    ...serverSpec(config, resolved),
    slurm: {
      partition: 'local',
      nodelist: [],
      exclude: [],
      time: config.time ?? formatSlurmTime(GUIDE_TIME_S),
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
    port: config.port,
    portRange: config.portRange,
    workers: config.workers,
    env: resolved.env,
    mounts: config.mount,
    endpointHost: config.endpointHost,
    template: resolved.template,
  };
}

/** `flag` names it. Throws kind `refused` for one that is not there, or takes no jobs. */
export function choosePartition(
  name: string | null,
  cluster: ClusterFacts,
  flag = '--partition',
): PartitionFact {
  const names = cluster.partitions
    .map((partition) => partition.name)
    .sort()
    .join(' ');
  const found = cluster.partitions.find((partition) =>
    name === null ? partition.isDefault : partition.name === name,
  );
  if (found === undefined) {
    throw refuse(
      name === null ? 'this cluster has no default partition' : `there is no partition '${name}'`,
      `partitions: ${names}`,
      `name one of them with ${flag}`,
    );
  }
  if (found.availability !== 'up') {
    throw refuse(
      `partition ${found.name} takes no jobs now`,
      `sinfo says: ${found.availability}`,
      `name another with ${flag}`,
    );
  }
  return found;
}

function usableNodes(partition: PartitionFact, cluster: ClusterFacts, resolved: Resolved): NodeFact[] {
  const members = cluster.nodes.filter((node) => node.partition === partition.name);
  const unknown = [...resolved.nodelist, ...resolved.exclude].filter(
    (name) => !cluster.nodes.some((node) => node.name === name),
  );
  if (unknown.length > 0) {
    throw refuse(
      `there is no node '${unknown[0]}'`,
      `nodes of partition ${partition.name}: ${members.map((node) => node.name).join(' ')}`,
      'correct --nodelist or --exclude',
    );
  }
  const allowed =
    resolved.nodelist.length === 0
      ? members
      : members.filter((node) => resolved.nodelist.includes(node.name));
  return allowed.filter((node) => !resolved.exclude.includes(node.name));
}

/** Of an array, Slurm takes a job that no node is large enough for; it pends as PartitionConfig. */
function checkCpus(
  { cpusPerTask, exclusive }: Config,
  nodes: number,
  partition: PartitionFact,
  usable: readonly NodeFact[],
): void {
  if (cpusPerTask === null) return;
  const large = usable.filter((node) => node.cpus >= cpusPerTask);
  if (large.length >= (exclusive ? nodes : 1)) return;
  throw refuse(
    `${cpusPerTask} CPUs were asked for on ${nodes === 1 ? '1 node' : `each of ${nodes} nodes`}, and ${large.length} of the fleet's have so many`,
    `partition ${partition.name}: ${usable.map((node) => `${node.name} has ${node.cpus}`).join(', ')}`,
    'ask for fewer with --cpus-per-task or --nodes, or leave --cpus-per-task out for all of a node',
  );
}

function chooseTime(asked: string | null, partition: PartitionFact): string {
  const limit = partition.timeLimit;
  const seconds = asked === null ? Math.min(GUIDE_TIME_S, limit ?? GUIDE_TIME_S) : parseSlurmTime(asked);
  if (limit !== null && (seconds === null || (seconds ?? 0) > limit)) {
    throw refuse(
      `a time limit of ${asked} is more than partition ${partition.name} allows`,
      `the partition's limit is ${formatSlurmTime(limit)}`,
      `give --time ${formatSlurmTime(limit)} or less, or leave it out`,
    );
  }
  return asked ?? formatSlurmTime(seconds ?? GUIDE_TIME_S);
}

function refuse(what: string, words: string, hint: string): SandboxctlError {
  return new SandboxctlError('refused', { what, words, hint });
}
