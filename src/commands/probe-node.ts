import type { Config } from '../config/settings.js';
import { type Observation, observe } from '../control/observe.js';
import { messageOf, SandboxctlError } from '../errors.js';
import { type ClusterName, slurmName } from '../fleet/spec.js';
import { fleetStore, listFleets } from '../state/store.js';
import { askedFor, clusterIn, clusterOf } from './cluster.js';
import type { Context } from './context.js';

/** Looks at one fleet, or at all of this user's. Throws kind `tool` where Slurm does not answer. */
export async function look(context: Context, config: Config, fleet: string | null): Promise<Observation[]> {
  if (fleet !== null) {
    const cluster = await clusterOf(context, fleet, config);
    return lookAt(context, config, cluster, { fleet });
  }
  const known = await fleetsByCluster(context, config);
  const seen = await Promise.all(
    [...known].map(([cluster, fleets]) => allOf(context, config, cluster, fleets, known)),
  );
  return seen.flat().sort((a, b) => (a.fleet < b.fleet ? -1 : 1));
}

async function allOf(
  context: Context,
  config: Config,
  cluster: ClusterName,
  fleets: readonly string[],
  known: Known,
): Promise<Observation[]> {
  try {
    return await lookAt(context, config, cluster, { known: fleets });
  } catch (error) {
    // Who has fleets elsewhere only can do without this cluster.
    const others = [...known.values()].flat().length;
    if (fleets.length > 0 || others === 0) throw error;
    context.io.stderr.line(`warning: only fleets on ${elsewhere(known)} are shown: ${messageOf(error)}`);
    return [];
  }
}

function elsewhere(known: Known): string {
  const places = [...known].flatMap(([cluster, fleets]) => (fleets.length > 0 ? [cluster] : []));
  return places
    .map((place) => (place === 'local' ? 'this machine' : (slurmName(place) ?? 'Slurm')))
    .join(', ');
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

/** Fleets by where their specs say that they are; a cluster that is to be asked without one has none. */
type Known = ReadonlyMap<ClusterName, string[]>;

/** Slurm is asked where it is, also for fleets whose state is lost, and wherever a fleet of it is known. */
async function fleetsByCluster(context: Context, config: Config): Promise<Known> {
  const [here = 'local'] = await context.clusters();
  const likely = here === 'local' ? here : (askedFor({ ...config, cluster: 'auto' }) ?? here);
  const known = new Map<ClusterName, string[]>([
    ['local', []],
    [likely, []],
  ]);
  for (const name of await listFleets(context.stateFolder)) {
    const spec = await fleetStore(context.stateFolder, name).readSpec();
    const cluster = spec === undefined ? likely : clusterIn(spec);
    known.set(cluster, [...(known.get(cluster) ?? []), name]);
  }
  return known;
}
