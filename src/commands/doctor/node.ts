import { serverName } from '../../doctor/checks/node.js';
import { portsOf } from '../../doctor/checks/ports.js';
import type { Facts, NodeFacts, Setup } from '../../doctor/facts.js';
import { nodeFacts } from '../../doctor/gather/node.js';
import { proxiesIn } from '../../doctor/gather/proxies.js';
import type { FolderRole } from '../../doctor/machine-facts.js';
import { requestedPartitions } from '../../fleet/requested-partitions.js';
import type { Context } from '../context.js';

type Known = { [N in 'slurm' | 'image' | 'registry' | 'fleets']: () => Promise<Facts[N]> };

/** One short job on a node of the partition of a deploy. */
export async function askNode(
  context: Context,
  setup: Setup,
  folders: ReadonlyMap<FolderRole, string>,
  known: Known,
): Promise<NodeFacts> {
  const { config, place, stateFolder, program } = setup;
  const slurm = await known.slurm();
  const named = config.partition ?? '';
  if (slurm.kind === 'none') return { failed: slurm.why, partition: named };
  if (slurm.kind === 'silent') return { failed: slurm.words, partition: named };
  const partition = requestedPartitions(config.partition, slurm.cluster).name;
  const [image, registry, fleets] = await Promise.all([known.image(), known.registry(), known.fleets()]);
  const { account, qos, reservation, constraint } = config;
  const [node = null] = slurm.nodelist;
  const { clock, signal, env } = context;
  return nodeFacts(
    { partition, account, qos, reservation, constraint, node, exclude: slurm.exclude },
    {
      // A node has a place of its own for these.
      folders: new Map([...folders, ['temp', '/tmp']]),
      ports: portsOf(config),
      program,
      registry: registry?.url ?? null,
      image: image === null || image.damage !== null ? null : image.path,
      checkout: config.checkout,
      servers: serversIn(fleets),
      env: Object.fromEntries(
        Object.keys(Object.fromEntries(proxiesIn(env))).map((name) => [name, env[name] ?? '']),
      ),
    },
    { scheduler: await context.scheduler(place), stateFolder, clock, signal },
  );
}

/** Ports of this machine matter where servers run on it. */
export function portsHere({ config, place }: Setup): number[] {
  return place === 'local' ? portsOf(config) : [];
}

function serversIn(fleets: Facts['fleets']) {
  if ('failed' in fleets) return [];
  const all = fleets.flatMap(({ endpoints, gateway }) => [
    ...endpoints,
    ...(gateway === null ? [] : [gateway]),
  ]);
  return all.flatMap((each) => {
    if (each.state !== 'ready' || each.url === null) return [];
    const { hostname, port } = new URL(each.url);
    return { name: serverName(each), host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) };
  });
}
