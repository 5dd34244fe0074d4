import type { Config } from '../config/settings.js';
import { type Observation, observe } from '../control/observe.js';
import { messageOf } from '../errors.js';
import { failureError } from '../failures/finding.js';
import { type ClusterName, slurmName } from '../fleet/spec.js';
import { listFleets } from '../state/fleets.js';
import { fleetStore } from '../state/store.js';
import { clusterIn, clusterOf, requestedCluster } from './cluster.js';
import type { Context } from './context.js';

/** Observes one fleet, or all of this user's. Throws kind `tool` if Slurm does not answer. */
export async function observeFleets(
  context: Context,
  config: Config,
  fleet: string | null,
): Promise<Observation[]> {
  if (fleet !== null) {
    const cluster = await clusterOf(context, fleet, config);
    return observeCluster(context, config, cluster, { fleet });
  }
  const known = await fleetsByCluster(context, config);
  const seen = await Promise.all(
    [...known].map(([cluster, fleets]) => observeAll(context, config, cluster, fleets, known)),
  );
  return seen.flat().sort((a, b) => (a.fleet < b.fleet ? -1 : 1));
}

async function observeAll(
  context: Context,
  config: Config,
  cluster: ClusterName,
  fleets: readonly string[],
  known: FleetsByCluster,
): Promise<Observation[]> {
  try {
    return await observeCluster(context, config, cluster, { known: fleets });
  } catch (error) {
    // No known fleet is on this cluster, and other clusters have some to show.
    const others = [...known.values()].flat().length;
    if (fleets.length > 0 || others === 0) throw error;
    context.io.stderr.line(`warning: ${messageOf(error)}, so only fleets on ${elsewhere(known)} are shown`);
    return [];
  }
}

function elsewhere(known: FleetsByCluster): string {
  const places = [...known].flatMap(([cluster, fleets]) => (fleets.length > 0 ? [cluster] : []));
  return places
    .map((place) => (place === 'local' ? 'this machine' : (slurmName(place) ?? 'Slurm')))
    .join(', ');
}

async function observeCluster(
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
    confirmGoneAfterMs: config.settle * 1000,
    onWait: (why: string) => context.io.stderr.line(why),
  };
  return observe(deps, which, (words) =>
    failureError('slurm-unreachable', {}, { kind: 'tool', detail: words }),
  );
}

type FleetsByCluster = ReadonlyMap<ClusterName, string[]>;

async function fleetsByCluster(context: Context, config: Config): Promise<FleetsByCluster> {
  const [here = 'local'] = await context.clusters();
  const likely = here === 'local' ? here : (requestedCluster({ ...config, cluster: 'auto' }) ?? here);
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
