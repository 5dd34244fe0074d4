import { CLUSTERS_VARIABLES } from '../config/cluster-name.js';
import type { Config } from '../config/settings.js';
import { SandboxctlError } from '../errors.js';
import { type ClusterName, type Spec, slurmName } from '../fleet/spec.js';
import { fleetStore } from '../state/store.js';
import type { Context } from './context.js';

export type ClusterConfig = Pick<Config, 'cluster' | 'clusterName'>;

/** The cluster of a fleet: by its spec, else where its jobs are found, else where `deploy` would put them. */
export async function clusterOf(context: Context, fleet: string, where: ClusterConfig): Promise<ClusterName> {
  const spec = await fleetStore(context.stateFolder, fleet).readSpec();
  if (spec !== undefined) return clusterIn(spec);
  const asked = requestedCluster(where);
  if (asked !== undefined) return asked;
  const local = await (await context.scheduler('local')).list({ fleet });
  if (local.ok && local.jobs.length > 0) return 'local';
  return (await context.clusters())[0] ?? 'local';
}

/** Throws kind `usage` if the fleet is on another cluster: its jobs there would no longer be tracked. */
export async function clusterFor(
  context: Context,
  fleet: string,
  where: ClusterConfig,
  spec: Spec | undefined,
): Promise<ClusterName> {
  const there = spec === undefined || spec.nodes === 0 ? undefined : clusterIn(spec);
  const asked = requestedCluster(where);
  if (there !== undefined && asked !== undefined && !isSame(there, asked)) {
    throw new SandboxctlError('usage', {
      what: `fleet ${fleet} is deployed on the cluster ${clusterWord(there)}, not on ${clusterWord(asked)}`,
      hint: `'sandboxctl stop --fleet ${fleet}' stops it there; or choose another name with --fleet`,
    });
  }
  if (there !== undefined) return there;
  const chosen = asked ?? (await context.clusters())[0] ?? 'local';
  if (chosen === 'slurm') rejectClusterList(context.env);
  if (asked === undefined && chosen === 'local') {
    context.io.stderr.line(
      'no Slurm here (no squeue on PATH): the servers run on this machine (--cluster local)',
    );
  }
  return chosen;
}

export function clusterIn(spec: Spec): ClusterName {
  return spec.job.cluster ?? 'slurm';
}

/** Undefined for `auto`. Only Slurm clusters have names. */
export function requestedCluster({ cluster, clusterName }: ClusterConfig): ClusterName | undefined {
  if (cluster === 'local') return 'local';
  if (clusterName !== null) return `slurm:${clusterName}`;
  return cluster === 'auto' ? undefined : cluster;
}

/** `slurm` without a name matches any Slurm cluster. */
function isSame(there: ClusterName, asked: ClusterName): boolean {
  return there === asked || (asked === 'slurm' && there !== 'local');
}

function clusterWord(cluster: ClusterName): string {
  return slurmName(cluster) ?? cluster;
}

function rejectClusterList(env: NodeJS.ProcessEnv): void {
  const variable = CLUSTERS_VARIABLES.find((name) => env[name]);
  if (variable === undefined) return;
  throw new SandboxctlError('usage', {
    what: 'a fleet runs on one cluster, and several are listed',
    detail: `${variable}=${env[variable]}`,
    hint: 'choose one of them with --cluster-name',
  });
}
