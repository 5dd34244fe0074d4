import { CLUSTERS_VARIABLES } from '../config/cluster-name.js';
import type { Config } from '../config/settings.js';
import { SandboxctlError } from '../errors.js';
import { type ClusterName, type Spec, slurmName } from '../fleet/spec.js';
import { fleetStore } from '../state/store.js';
import type { Context } from './context.js';

/** What the configuration says of where jobs are. */
export type Where = Pick<Config, 'cluster' | 'clusterName'>;

/** Where a fleet's jobs are: as its spec says, else where jobs of it are found, else where they would go. */
export async function clusterOf(context: Context, fleet: string, where: Where): Promise<ClusterName> {
  const spec = await fleetStore(context.stateFolder, fleet).readSpec();
  if (spec !== undefined) return clusterIn(spec);
  const asked = askedFor(where);
  if (asked !== undefined) return asked;
  const local = await (await context.scheduler('local')).list({ fleet });
  if (local.ok && local.jobs.length > 0) return 'local';
  return (await context.clusters())[0] ?? 'local';
}

/**
 * Where a deploy puts its jobs. Throws kind `usage` where the fleet is on another cluster than the one
 * asked for, since its jobs there would be lost from sight, and for a list of clusters.
 */
export async function clusterFor(context: Context, fleet: string, where: Where): Promise<ClusterName> {
  const spec = await fleetStore(context.stateFolder, fleet).readSpec();
  const there = spec === undefined || spec.nodes === 0 ? undefined : clusterIn(spec);
  const asked = askedFor(where);
  if (there !== undefined && asked !== undefined && !isSame(there, asked)) {
    throw new SandboxctlError('usage', {
      what: `fleet ${fleet} is deployed on the cluster ${wordOf(there)}, not on ${wordOf(asked)}`,
      hint: `'sandboxctl stop --fleet ${fleet}' ends it there; or name another fleet with --fleet`,
    });
  }
  if (there !== undefined) return there;
  const chosen = asked ?? (await context.clusters())[0] ?? 'local';
  if (chosen === 'slurm') refuseList(context.env);
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

/** Undefined for `auto`. A name is one of Slurm's, so it says that much too. */
export function askedFor({ cluster, clusterName }: Where): ClusterName | undefined {
  if (cluster === 'local') return 'local';
  if (clusterName !== null) return `slurm:${clusterName}`;
  return cluster === 'auto' ? undefined : cluster;
}

/** Slurm without a name is whichever of its clusters the fleet is on. */
function isSame(there: ClusterName, asked: ClusterName): boolean {
  return there === asked || (asked === 'slurm' && there !== 'local');
}

function wordOf(cluster: ClusterName): string {
  return slurmName(cluster) ?? cluster;
}

/** sbatch would choose one of them, and other commands could not know which. */
function refuseList(env: NodeJS.ProcessEnv): void {
  const variable = CLUSTERS_VARIABLES.find((name) => env[name]);
  if (variable === undefined) return;
  throw new SandboxctlError('usage', {
    what: 'a fleet is on one cluster, and these are several',
    words: `${variable}=${env[variable]}`,
    hint: 'name one of them with --cluster-name',
  });
}
