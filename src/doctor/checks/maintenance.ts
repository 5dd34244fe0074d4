import { formatSlurmTime, parseTimeLimit } from '../../config/units.js';
import { finding } from '../../failures/finding.js';
import { DEFAULT_TIME_S } from '../../fleet/request.js';
import { type RequestedPartitions, shortestLimit } from '../../fleet/requested-partitions.js';
import { formatAge, MINUTE } from '../../text/duration.js';
import { foundOr, type Judgement } from '../judgement.js';
import type { Answers } from './slurm.js';

/** Whether the jobs' time limit would reach into a maintenance of their nodes, before which they then do not start. */
export function judgeMaintenance(
  { policy, now }: Answers,
  partition: RequestedPartitions,
  time: string | null,
): Judgement {
  const limit = shortestLimit(partition) ?? Number.POSITIVE_INFINITY;
  const seconds =
    time === null ? Math.min(DEFAULT_TIME_S, limit) : (parseTimeLimit(time) ?? Number.POSITIVE_INFINITY);
  const names = partition.nodes.map((node) => node.name);
  const met = policy.reservations
    .filter(({ maintenance, from, to }) => maintenance && to > now && from < now + seconds * 1000)
    .map((each) => ({ ...each, count: each.nodes.filter((node) => names.includes(node)).length }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => a.from - b.from);
  const [first] = met;
  if (first === undefined) return foundOr(`none within ${formatAge(Math.min(seconds, DEFAULT_TIME_S))}`, []);
  const left = (first.from - now) / 1000;
  return foundOr('', [
    finding('maintenance-ahead', {
      name: first.name,
      count: String(first.count),
      of: String(names.length),
      partition: partition.name,
      when: left > 0 ? `in ${formatAge(left)}` : 'now',
      // A minute for sbatch; and Slurm counts in minutes.
      time: formatSlurmTime(Math.max(1, Math.floor(left / MINUTE) - 1) * MINUTE),
    }),
  ]);
}
