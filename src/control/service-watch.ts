import type { Facts } from '../fleet/facts.js';
import { instanceOf, viewOf } from '../fleet/instance-view.js';
import { outOfServiceReason } from '../fleet/out-of-service.js';

/** Records since when each job has been out of service without a break. */
export function serviceWatch() {
  let since: ReadonlyMap<string, number> = new Map();
  return (facts: Omit<Facts, 'outOfService'>): ReadonlyMap<string, number> => {
    const known = { ...facts, outOfService: since };
    const out = [...facts.jobs.values()].filter((job) => {
      return (
        !job.gone && outOfServiceReason(viewOf(instanceOf(job, known) ?? 0, job, known), known) !== undefined
      );
    });
    since = new Map(out.map(({ id }) => [id, since.get(id) ?? facts.now]));
    return since;
  };
}
