import type { Registered, SubmissionFact } from '../fleet/facts.js';

export const baseOf = (jobId: string): string => jobId.split('_')[0] ?? jobId;

/**
 * Which submission a job id belongs to. A Slurm controller that has lost its state reuses ids, so files in the state
 * folder may belong to an earlier job with the same id. The latest submission owns the id.
 */
export function jobIdOwners() {
  const owners = new Map<string, string>();
  const owns = (jobId: string, submission: string) =>
    (owners.get(baseOf(jobId)) ?? submission) === submission;
  return {
    note(jobId: string, submission: string): void {
      owners.set(baseOf(jobId), submission);
    },
    of: (jobId: string): string | null => owners.get(baseOf(jobId)) ?? null,
    /** Whether a submission still owns its job id. True while its id is unknown. */
    isCurrent: ({ id, jobId }: Pick<SubmissionFact, 'id' | 'jobId'>) => jobId === null || owns(jobId, id),
    /** The registrations of the jobs that own their ids now. */
    current: (registered: ReadonlyMap<string, Registered>): ReadonlyMap<string, Registered> =>
      new Map([...registered].filter(([id, { submission }]) => owns(id, submission))),
  };
}
