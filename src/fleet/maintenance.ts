import { formatSlurmTime, parseTimeLimit } from '../config/units.js';
import type { ClusterFacts } from './cluster-facts.js';
import type { Reservation } from './cluster-policy.js';
import { excludedNodes, nodesOf } from './requested-partitions.js';
import type { Spec } from './spec.js';

/** How a job fits before the reservations ahead. */
interface Fit {
  /** The time limit that it must have to start before; null for that of its spec. */
  time: string | null;
  /** What to say of it; null for nothing. */
  note: string | null;
}

/** Slurm starts a job only if its limit ends before the reservation does begin; clocks and polls take some of that. Seconds. */
const MARGIN_S = 60;
/** A shorter job is not worth its start. Seconds. */
const SHORTEST_S = 600;
const MINUTE_S = 60;

/**
 * A job whose time limit reaches into a reservation of its nodes does not start before that is over. Where too few
 * other nodes are left, it gets a limit that ends before.
 */
export function fitBefore(
  spec: Pick<Spec, 'job' | 'nodes'>,
  cluster: Pick<ClusterFacts, 'nodes'>,
  reservations: readonly Reservation[],
  now: number,
): Fit {
  const { partition, nodelist, exclusive, reservation, time } = spec.job.slurm;
  const excluded = excludedNodes(spec, cluster);
  const usable = nodesOf(partition, cluster)
    .map(({ name }) => name)
    .filter((name) => !excluded.includes(name) && (nodelist.length === 0 || nodelist.includes(name)));
  const limit = (parseTimeLimit(time) ?? Number.POSITIVE_INFINITY) * 1000;
  const ahead = reservations.filter(
    ({ name, from, to, nodes }) =>
      name !== reservation && to > now && from < now + limit && nodes.some((node) => usable.includes(node)),
  );
  const free = usable.filter((node) => !ahead.some(({ nodes }) => nodes.includes(node)));
  const first = ahead.toSorted((a, b) => a.from - b.from)[0];
  if (first === undefined || free.length >= (exclusive ? spec.nodes : 1)) return { time: null, note: null };
  const seconds = Math.floor(((first.from - now) / 1000 - MARGIN_S) / MINUTE_S) * MINUTE_S;
  if (seconds < SHORTEST_S) {
    const until = new Date(first.to).toISOString();
    return {
      time: null,
      note: `no job can start before reservation ${first.name} of its nodes ends, at ${until}`,
    };
  }
  const shortened = formatSlurmTime(seconds);
  const at = new Date(first.from).toISOString();
  return {
    time: shortened,
    note: `the time limit is ${shortened} instead of ${time}: reservation ${first.name} of its nodes begins at ${at}`,
  };
}
