import type { ResolvedConfig } from '../../config/load.js';
import type { Config } from '../../config/settings.js';
import type { Entry } from '../../config/starter.js';
import { formatSlurmTime } from '../../config/units.js';
import { SandboxctlError } from '../../errors.js';
import type { ClusterFacts } from '../../fleet/cluster-facts.js';
import { describePlace, isUp, type Place, rankPartitions, whyFirst } from '../../fleet/partitions.js';
import { DEFAULT_TIME_S } from '../../fleet/request.js';
import { nodesOf, partitionNames, shortestLimit } from '../../fleet/requested-partitions.js';
import { type ClusterName, slurmName } from '../../fleet/spec.js';
import type { Context } from '../context.js';
import { askNodes, CLIENTS, headFor, type StarterFile } from './file.js';

export async function slurmFile(
  context: Context,
  resolved: ResolvedConfig,
  cluster: ClusterName,
): Promise<StarterFile> {
  const { config } = resolved;
  const scheduler = await context.scheduler(cluster);
  const [facts, open, pyxis] = await Promise.all([
    scheduler.facts(),
    scheduler.partitionNames(),
    scheduler.startsContainers(),
  ]);
  const places = rankPartitions(facts, open);
  const place = choose(places, config.partition, facts);
  const runtime = await runtimeEntry(context, pyxis);
  const name = slurmName(cluster);
  const limit = place.partition.timeLimit;
  return {
    head: headFor(context, `the cluster ${facts.name ?? 'here'}`, 'sinfo, scontrol and srun'),
    entries: [
      ...(name === undefined ? [] : [clusterEntry(name, resolved)]),
      partitionEntry(places, place, resolved),
      {
        key: 'nodes',
        value: await askNodes(context, config, question(place), place.nodes.length),
        about: [`How many servers, each a job on a node of its own: ${capacity(place)}.`],
        on: true,
      },
      {
        key: 'time',
        value: formatSlurmTime(Math.min(DEFAULT_TIME_S, limit ?? DEFAULT_TIME_S)),
        about: [
          limit === null || limit > DEFAULT_TIME_S
            ? 'The time limit of each job.'
            : "The time limit of each job: the partition's.",
        ],
        on: false,
      },
      {
        key: 'exclusive',
        value: true,
        about: ['Each server gets a whole node. If false, cpusPerTask and mem set its share.'],
        on: false,
      },
      ...(facts.needsAccount ? [accountEntry(config)] : []),
      runtime,
      CLIENTS,
    ],
    next: runtime.value === 'auto' ? ['sandboxctl deploy'] : ['sandboxctl import-image', 'sandboxctl deploy'],
  };
}

function choose(places: readonly Place[], named: string | null, cluster: ClusterFacts): Place {
  if (named !== null) return namedPlace(places, named, cluster);
  const [first] = places;
  if (first !== undefined && first.closed === null) return first;
  throw noPlace('no partition here accepts your jobs', places);
}

/** A job with several partitions runs in any of them, so together they count as one. */
function namedPlace(places: readonly Place[], named: string, cluster: ClusterFacts): Place {
  const [first, ...others] = partitionNames(named).map((name) => {
    const place = places.find(({ partition }) => partition.name === name);
    if (place === undefined) throw noPlace(`there is no partition '${name}'`, places);
    return place;
  });
  if (first === undefined) throw noPlace(`there is no partition '${named}'`, places);
  if (others.length === 0) return first;
  const timeLimit = shortestLimit({ members: [first, ...others].map(({ partition }) => partition) });
  return {
    partition: { ...first.partition, name: named, timeLimit },
    nodes: nodesOf(named, cluster),
    closed: null,
  };
}

function noPlace(what: string, places: readonly Place[]): SandboxctlError {
  return new SandboxctlError('refused', {
    what,
    detail: places.map((each) => `${each.partition.name}: ${describePlace(each)}`).join('\n'),
    hint: "name one with --partition, or run the servers on this machine: 'sandboxctl init --cluster local'",
  });
}

function clusterEntry(name: string, { origins }: ResolvedConfig): Entry {
  return {
    key: 'clusterName',
    value: name,
    about: [`The cluster to submit to (sbatch -M), from ${origins.clusterName}.`],
    on: true,
  };
}

function partitionEntry(places: readonly Place[], place: Place, { config, origins }: ResolvedConfig): Entry {
  const why = config.partition === null ? whyFirst(places) : `from ${origins.partition}`;
  const chosen = partitionNames(place.partition.name);
  const others = places.filter(({ partition }) => !chosen.includes(partition.name));
  const width = Math.max(...others.map(({ partition }) => partition.name.length));
  return {
    key: 'partition',
    value: place.partition.name,
    about: [
      `${place.partition.name}: ${why}. It has ${describePlace(place)}.`,
      ...(others.length === 0 ? [] : ['The others:']),
      ...others.map((each) => `  ${each.partition.name.padEnd(width)}  ${describePlace(each)}`),
    ],
    on: true,
  };
}

function question({ partition, nodes }: Place): string {
  return `How many servers, each on one of the ${nodes.length} nodes of ${partition.name}?`;
}

function capacity({ nodes }: Place): string {
  const idle = nodes.filter((node) => isUp(node) && node.state.startsWith('idle')).length;
  const down = nodes.filter((node) => !isUp(node)).length;
  const now = `${idle} ${idle === 1 ? 'was' : 'were'} idle${down === 0 ? '' : ` and ${down} down`}`;
  return `the partition has ${nodes.length}, of which ${now}`;
}

function accountEntry({ account }: Config): Entry {
  return {
    key: 'account',
    value: account ?? 'research',
    about: [
      "This cluster charges jobs to accounts, by default to your default account. 'sacctmgr show assoc user=$USER' lists yours.",
    ],
    on: account !== null,
  };
}

async function runtimeEntry(context: Context, pyxis: boolean): Promise<Entry> {
  const common = { key: 'runtime', on: false } as const;
  if (pyxis) {
    const about = ['srun has --container-image (pyxis), so pyxis starts each server in a container.'];
    return { ...common, value: 'pyxis', about };
  }
  const enroot = await context
    .run(['enroot', 'version'], { env: context.env, timeoutMs: 10_000 })
    .then(({ code }) => code === 0)
    .catch(() => false);
  if (enroot) {
    const about = ['srun has no --container-image (pyxis), so each job starts its container with enroot.'];
    return { ...common, value: 'enroot', about };
  }
  const about = [
    "srun has no --container-image (pyxis), and this machine has no enroot. The first deploy inspects a node: it uses enroot if the node has it, else sandboxctl's own server, which needs Node and Python there.",
  ];
  return { ...common, value: 'auto', about };
}
