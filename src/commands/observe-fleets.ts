import type { Config } from '../config/settings.js';
import { type Observation, observe } from '../control/observe.js';
import { messageOf, SandboxctlError } from '../errors.js';
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
    await warnDamaged(context, fleet);
    return observeCluster(context, config, cluster, { fleet });
  }
  const { known, leftOut } = await fleetsByCluster(context, config);
  const seen = await Promise.all(
    [...known].map(([cluster, fleets]) => observeAll(context, config, cluster, { fleets, known, leftOut })),
  );
  return seen.flat().sort((a, b) => (a.fleet < b.fleet ? -1 : 1));
}

async function observeAll(
  context: Context,
  config: Config,
  cluster: ClusterName,
  {
    fleets,
    known,
    leftOut,
  }: { fleets: readonly string[]; known: FleetsByCluster; leftOut: readonly string[] },
): Promise<Observation[]> {
  try {
    return await observeCluster(context, config, cluster, { known: fleets, leftOut });
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
  which: { fleet: string } | { known: readonly string[]; leftOut: readonly string[] },
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

/** Fleets whose spec cannot be read are left out with a warning, unless there are no others. */
async function fleetsByCluster(
  context: Context,
  config: Config,
): Promise<{ known: FleetsByCluster; leftOut: string[] }> {
  const [here = 'local'] = await context.clusters();
  const likely = here === 'local' ? here : (requestedCluster({ ...config, cluster: 'auto' }) ?? here);
  const known = new Map<ClusterName, string[]>([
    ['local', []],
    [likely, []],
  ]);
  const unreadable = new Map<string, SandboxctlError>();
  const names = await listFleets(context.stateFolder);
  for (const name of names) {
    try {
      await warnDamaged(context, name);
      const spec = await fleetStore(context.stateFolder, name).readSpec();
      const cluster = spec === undefined ? likely : clusterIn(spec);
      known.set(cluster, [...(known.get(cluster) ?? []), name]);
    } catch (error) {
      if (!(error instanceof SandboxctlError)) throw error;
      unreadable.set(name, error);
    }
  }
  const [first] = unreadable.values();
  if (first !== undefined && unreadable.size === names.length) throw first;
  for (const [name, { message, detail, hint }] of unreadable)
    context.io.stderr.line(`warning: fleet ${name} is left out: ${[message, detail, hint].join('; ')}`);
  return { known, leftOut: [...unreadable.keys()] };
}

async function warnDamaged({ stateFolder, io }: Context, fleet: string): Promise<void> {
  const { specDamage, folders } = fleetStore(stateFolder, fleet);
  const damage = await specDamage();
  if (damage === undefined) return;
  io.stderr.line(
    `warning: ${folders.spec} is damaged (${damage}), so the spec of fleet ${fleet} is read from the scripts of its jobs; 'sandboxctl deploy --fleet ${fleet}' records it again`,
  );
}
