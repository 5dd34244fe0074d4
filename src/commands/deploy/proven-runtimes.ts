import { readEndpoints } from '../../endpoints/file.js';
import type { RuntimeChoice } from '../../fleet/runtime.js';
import type { ClusterName } from '../../fleet/spec.js';
import { listFleets } from '../../state/fleets.js';
import { fleetStore } from '../../state/store.js';
import { clusterIn } from '../cluster.js';
import type { Context } from '../context.js';

export interface ProvenRuntime extends RuntimeChoice {
  nodes: readonly string[];
}

/** The runtimes of this user's fleets on a cluster that have a ready server: these work there, and need no probe. */
export async function provenRuntimes(context: Context, cluster: ClusterName): Promise<ProvenRuntime[]> {
  const fleets = await listFleets(context.stateFolder);
  const proven = await Promise.all(fleets.map((fleet) => provenBy(context, cluster, fleet)));
  return proven.flatMap((each) => each ?? []);
}

async function provenBy(
  context: Context,
  cluster: ClusterName,
  fleet: string,
): Promise<ProvenRuntime | undefined> {
  const store = fleetStore(context.stateFolder, fleet);
  const spec = await store.readSpec().catch(() => undefined);
  if (spec === undefined || clusterIn(spec) !== cluster) return undefined;
  const { runtime, slurm } = spec.job;
  if (runtime !== 'enroot' && runtime !== 'embedded') return undefined;
  const file = await readEndpoints(store.folders.endpoints).catch(() => undefined);
  const nodes = file?.endpoints.flatMap(({ state, node }) => (state === 'ready' ? (node ?? []) : [])) ?? [];
  if (nodes.length === 0) return undefined;
  return { runtime, nodes, reason: `fleet ${fleet} runs with it in partition ${slurm.partition}` };
}
