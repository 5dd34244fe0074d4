import type { Config } from '../config/settings.js';
import type { ClusterFacts } from './cluster-facts.js';
import { nodesOf } from './requested-partitions.js';
import type { JobSpec, Spec, Upkeep } from './spec.js';

/** The default of `--renew-before`. Seconds. */
const RENEW_BEFORE_S = 3600;
const WEDGED_AFTER_S = 120;
/** The share of a fleet that is replaced at once; at least one server. */
const AT_ONCE = 0.1;

const tenthOf = (nodes: number): number => Math.max(1, Math.floor(nodes * AT_ONCE));

/** Fills in the defaults. A fleet of N servers never has more than N + `maxSurge` jobs for them. */
export function upkeepOf({ nodes, upkeep = {} }: Pick<Spec, 'nodes' | 'upkeep'>): Required<Upkeep> & {
  maxWedged: number;
} {
  return {
    maxSurge: upkeep.maxSurge ?? tenthOf(nodes),
    maxUnavailable: upkeep.maxUnavailable ?? 0,
    renewBefore: upkeep.renewBefore ?? RENEW_BEFORE_S,
    wedgedAfter: upkeep.wedgedAfter ?? WEDGED_AFTER_S,
    maxWedged: tenthOf(nodes),
  };
}

type UpkeepConfig = Pick<Config, 'maxSurge' | 'maxUnavailable' | 'renewBefore' | 'wedgedAfter'>;

export function upkeepFor(
  { maxSurge, maxUnavailable, renewBefore, wedgedAfter }: UpkeepConfig,
  servers: { job: JobSpec; nodes: number; cluster: Pick<ClusterFacts, 'nodes'> },
): Upkeep {
  const unavailable = maxUnavailable ?? (hasSpareNode(servers) ? null : 1);
  return {
    ...(maxSurge === null ? {} : { maxSurge }),
    ...(unavailable === null ? {} : { maxUnavailable: unavailable }),
    renewBefore,
    wedgedAfter,
  };
}

/** Slurm's states of a node that accepts no jobs. */
const UNUSABLE = /down|drain|fail|maint|power|unk|inval/i;

/** Whether a successor could ever run beside the fleet. Cloud nodes may be hidden while they are powered down. */
function hasSpareNode({
  job,
  nodes,
  cluster,
}: {
  job: JobSpec;
  nodes: number;
  cluster: Pick<ClusterFacts, 'nodes'>;
}): boolean {
  const { exclusive, partition, nodelist, exclude } = job.slurm;
  const usable = nodesOf(partition, cluster).filter(
    ({ name, state }) =>
      !UNUSABLE.test(state) && !exclude.includes(name) && (nodelist.length === 0 || nodelist.includes(name)),
  );
  return !exclusive || usable.length === 0 || usable.length > nodes;
}
