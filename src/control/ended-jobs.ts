import type { Facts } from '../fleet/facts.js';
import type { InstanceView } from '../fleet/instance.js';
import { instanceOf, submissionOf, viewOf } from '../fleet/instance-view.js';
import type { SubmissionRecord } from '../state/store.js';

/** The jobs whose end no command has recorded yet, so that this one reports it. Their reasons are not known yet. */
export function unrecordedEnds(facts: Facts, records: ReadonlyMap<string, SubmissionRecord>): InstanceView[] {
  return [...facts.jobs.values()].flatMap((job) => {
    const record = records.get(submissionOf(job, facts)?.id ?? '');
    const instance = instanceOf(job, facts);
    if (!job.gone || record === undefined || instance === undefined) return [];
    if (record.closed || record.ended?.includes(job.id)) return [];
    // While a whole array is pending, Slurm may list it as one job.
    if (record.array !== null && !job.id.includes('_')) return [];
    return [{ ...viewOf(instance, job, facts), state: 'gone' as const, reason: null, url: null }];
  });
}
