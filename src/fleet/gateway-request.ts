import type { Config } from '../config/settings.js';
import { formatSlurmTime, parseTimeLimit } from '../config/units.js';
import type { ClusterFacts } from './cluster-facts.js';
import { longestLimit, requestedPartitions } from './requested-partitions.js';
import { type GatewaySpec, hashJob, type JobSpec } from './spec.js';

/** A gateway proxies a few thousand requests per second with one CPU; its memory holds queued programs. */
const CPUS = 2;
const MEMORY = '4G';
const PORT = 8080;

/**
 * The gateway of a configuration, for servers with the spec `servers`. Throws kind `refused` for a partition that
 * accepts no jobs.
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
      // On this machine there is no limit, and clients keep its URL.
      time: partition === null ? 'UNLIMITED' : withinLimit(slurm.time, longestLimit(partition)),
      nodelist: [],
      exclude: [],
      cpusPerTask: CPUS,
      mem: here ? null : MEMORY,
      exclusive: false,
      args: here ? [] : slurm.args,
    },
    // Servers on this machine take the ports before.
    port: config.gatewayPort ?? (onThisMachine ? port + nodes : PORT),
    portRange,
    workers: 1,
    env: [],
    mounts: [],
    // A login node is not one of Slurm's nodes, so it must find out its address itself.
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
