import type { Facts } from '../fleet/facts.js';
import type { InstanceView } from '../fleet/instance.js';
import { instanceOf, submissionOf, viewOf } from '../fleet/instance-view.js';
import type { SubmissionRecord } from '../state/store.js';

/**
 * The jobs that have ended without a command having recorded it: the first that finds one reports it. Without a
 * reason, which has to be found out.
 */
export function unrecordedEnds(facts: Facts, records: ReadonlyMap<string, SubmissionRecord>): InstanceView[] {
  return [...facts.jobs.values()].flatMap((job) => {
    const record = records.get(submissionOf(job, facts)?.id ?? '');
    const instance = instanceOf(job, facts);
    if (!job.gone || record === undefined || instance === undefined) return [];
    if (record.closed || record.ended?.includes(job.id)) return [];
    // While all of an array pends, Slurm may list it as one job.
    if (record.array !== null && !job.id.includes('_')) return [];
    return [{ ...viewOf(instance, job, facts), state: 'gone' as const, reason: null, url: null }];
  });
}
