import type { Config } from '../config/settings.js';
import { type GatewaySpec, hashJob, type JobSpec } from './spec.js';

/** A gateway proxies some thousand requests a second with one CPU; a queue of large programs is what takes memory. */
const CPUS = 2;
const MEMORY = '4G';
const PORT = 8080;

/** The gateway that a configuration asks for, beside servers as `servers` has them. */
export function gatewaySpec(
  config: Pick<Config, 'gatewayPartition' | 'gatewayPort'>,
  where: GatewaySpec['where'],
  servers: JobSpec,
  nodes: number,
): GatewaySpec {
  const onThisMachine = servers.cluster === 'local';
  const here = onThisMachine || where === 'here';
  const cluster = here ? 'local' : servers.cluster;
  const { slurm, port, portRange, endpointHost } = servers;
  const job: JobSpec = {
    ...(cluster === undefined ? {} : { cluster }),
    runtime: 'gateway',
    image: null,
    slurm: {
      ...slurm,
      partition: here ? 'local' : (config.gatewayPartition ?? slurm.partition),
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
