import type { Config } from '../config/settings.js';
import { fleetStore } from '../control/store.js';
import { SandboxctlError } from '../errors.js';
import type { ClusterName, Spec } from '../fleet/spec.js';
import type { Context } from './context.js';

/** Where a fleet's jobs are: as its spec says, else where jobs of it are found, else where they would go. */
export async function clusterOf(
  context: Context,
  fleet: string,
  choice: Config['cluster'],
): Promise<ClusterName> {
  const spec = await fleetStore(context.stateFolder, fleet).readSpec();
  if (spec !== undefined) return clusterIn(spec);
  if (choice !== 'auto') return choice;
  const local = await (await context.scheduler('local')).list({ fleet });
  if (local.ok && local.jobs.length > 0) return 'local';
  return (await context.clusters())[0] ?? 'local';
}

/**
 * Where a deploy puts its jobs. Throws kind `usage` where the fleet is on another cluster than the one
 * asked for: its jobs there would be lost from sight.
 */
export async function clusterFor(
  context: Context,
  fleet: string,
  choice: Config['cluster'],
): Promise<ClusterName> {
  const spec = await fleetStore(context.stateFolder, fleet).readSpec();
  const there = spec === undefined || spec.nodes === 0 ? undefined : clusterIn(spec);
  if (there !== undefined && choice !== 'auto' && choice !== there) {
    throw new SandboxctlError('usage', {
      what: `fleet ${fleet} is deployed on the cluster ${there}, not on ${choice}`,
      hint: `'sandboxctl stop --fleet ${fleet}' ends it there; or name another fleet with --fleet`,
    });
  }
  if (there !== undefined) return there;
  if (choice !== 'auto') return choice;
  const [here = 'local'] = await context.clusters();
  if (here === 'local') {
    context.io.stderr.line(
      'no Slurm here (no squeue on PATH): the servers run on this machine (--cluster local)',
    );
  }
  return here;
}

export function clusterIn(spec: Spec): ClusterName {
  return spec.job.cluster ?? 'slurm';
}
