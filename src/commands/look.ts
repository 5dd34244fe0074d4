import type { Config } from '../config/settings.js';
import { type Observation, observe } from '../control/observe.js';
import { fleetStore, listFleets } from '../control/store.js';
import { messageOf, SandboxctlError } from '../errors.js';
import type { ClusterName } from '../fleet/spec.js';
import { clusterIn, clusterOf } from './cluster.js';
import type { Context } from './context.js';

/** Looks at one fleet, or at all of this user's. Throws kind `tool` where Slurm does not answer. */
export async function look(context: Context, config: Config, fleet: string | null): Promise<Observation[]> {
  if (fleet !== null) {
    const cluster = await clusterOf(context, fleet, config.cluster);
    return lookAt(context, config, cluster, { fleet });
  }
  const known = await fleetsByCluster(context);
  const local = lookAt(context, config, 'local', { known: known.local });
  const seen = await Promise.all([local, slurmFleets(context, config, known)]);
  return seen.flat().sort((a, b) => (a.fleet < b.fleet ? -1 : 1));
}

/** Slurm is asked where it is, also for fleets whose state is lost, and wherever a fleet of it is known. */
async function slurmFleets(context: Context, config: Config, known: Known): Promise<Observation[]> {
  const here = await context.clusters();
  if (!here.includes('slurm') && known.slurm.length === 0) return [];
  try {
    return await lookAt(context, config, 'slurm', { known: known.slurm });
  } catch (error) {
    // Who has fleets on this machine only can do without Slurm.
    if (known.slurm.length > 0 || known.local.length === 0) throw error;
    context.io.stderr.line(`warning: only fleets on this machine are shown: ${messageOf(error)}`);
    return [];
  }
}

async function lookAt(
  context: Context,
  config: Config,
  cluster: ClusterName,
  which: { fleet: string } | { known: readonly string[] },
): Promise<Observation[]> {
  const deps = {
    scheduler: await context.scheduler(cluster),
    stateFolder: context.stateFolder,
    clock: context.clock,
    signal: context.signal,
    settleMs: config.settle * 1000,
    onWait: (why: string) => context.io.stderr.line(why),
  };
  return observe(
    deps,
    which,
    (words) =>
      new SandboxctlError('tool', {
        what: 'Slurm does not answer; nothing is known of the jobs now',
        words,
        hint: "'sandboxctl endpoints' still prints what was ready last; try again when 'scontrol ping' says UP",
      }),
  );
}

type Known = Record<ClusterName, string[]>;

async function fleetsByCluster(context: Context): Promise<Known> {
  const known: Known = { slurm: [], local: [] };
  const slurmIsHere = (await context.clusters()).includes('slurm');
  for (const name of await listFleets(context.stateFolder)) {
    const spec = await fleetStore(context.stateFolder, name).readSpec();
    if (spec !== undefined) known[clusterIn(spec)].push(name);
    else known[slurmIsHere ? 'slurm' : 'local'].push(name);
  }
  return known;
}
