import type { Config } from '../config/settings.js';
import { formatSlurmTime, parseTimeLimit } from '../config/units.js';
import type { ClusterFacts } from './cluster-facts.js';
import { longestLimit, requestedPartitions } from './requested-partitions.js';
import { type GatewaySpec, hashJob, type JobSpec } from './spec.js';

/** A gateway proxies some thousand requests a second with one CPU; a queue of large programs is what takes memory. */
const CPUS = 2;
const MEMORY = '4G';
const PORT = 8080;

/**
 * The gateway that a configuration asks for, beside servers as `servers` has them. Throws kind `refused` for a
 * partition that Slurm would take no job for.
 */
export function gatewaySpec(
  config: Pick<Config, 'gatewayPartition' | 'gatewayPort'>,
  where: GatewaySpec['where'],
  servers: JobSpec,
  nodes: number,
  cluster: ClusterFacts,
): GatewaySpec {
  const onThisMachine = servers.cluster === 'local';
  const here = onThisMachine || where === 'here';
  const place = here ? 'local' : servers.cluster;
  const partition = here
    ? null
    : requestedPartitions(config.gatewayPartition ?? servers.slurm.partition, cluster, '--gateway-partition');
  const { slurm, port, portRange, endpointHost } = servers;
  const job: JobSpec = {
    ...(place === undefined ? {} : { cluster: place }),
    runtime: 'gateway',
    image: null,
    slurm: {
      ...slurm,
      partition: partition?.name ?? 'local',
      // On this machine nothing asks for a limit, and clients keep its URL.
      time: partition === null ? 'UNLIMITED' : withinLimit(slurm.time, longestLimit(partition)),
      nodelist: [],
      exclude: [],
      cpusPerTask: CPUS,
      mem: here ? null : MEMORY,
      exclusive: false,
      args: here ? [] : slurm.args,
    },
    // Servers of this machine have the first ports.
    port: config.gatewayPort ?? (onThisMachine ? port + nodes : PORT),
    portRange,
    workers: 1,
    env: [],
    mounts: [],
    // A login node is none of Slurm's nodes, so nobody but itself says at which address it is.
    endpointHost: here && !onThisMachine && endpointHost === 'nodeaddr' ? 'ip' : endpointHost,
    template: null,
  };
  return { where, hash: hashJob(job), job };
}

/** A job that asks for more than its partition allows would pend for ever. */
function withinLimit(time: string, limit: number | null): string {
  const seconds = parseTimeLimit(time) ?? Number.POSITIVE_INFINITY;
  return limit !== null && seconds > limit ? formatSlurmTime(limit) : time;
}
