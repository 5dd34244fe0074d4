import { formatSlurmTime, parseTimeLimit } from '../config/units.js';
import type { ClusterFacts } from './cluster-facts.js';
import type { Reservation } from './cluster-policy.js';
import { excludedNodes, nodesOf } from './requested-partitions.js';
import type { Spec } from './spec.js';

interface Fit {
  /** The time limit that lets it start before them; null for that of its spec. */
  time: string | null;
  /** A note for the user; null for none. */
  note: string | null;
}

/**
 * Slurm starts a job only if its limit ends before the reservation begins; submission takes some of that time.
 * Seconds.
 */
const MARGIN_S = 60;
/** A shorter job is not submitted. Seconds. */
const SHORTEST_S = 600;
const MINUTE_S = 60;

/**
 * A job whose time limit reaches into a reservation of its nodes does not start until the reservation is over. If
 * too few other nodes are left, the job gets a shorter limit.
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
