import type { Registered, SubmissionFact } from '../fleet/facts.js';

/** The id of an element's array. */
export const baseOf = (jobId: string): string => jobId.split('_')[0] ?? jobId;

/**
 * Which submission a job id means. A controller that has lost its state gives the same ids again, so what an
 * older job of that id left in the state folder is not of the one that has it now. The last to be noted has it.
 */
export function jobIdOwners() {
  const holders = new Map<string, string>();
  const has = (jobId: string, submission: string) =>
    (holders.get(baseOf(jobId)) ?? submission) === submission;
  return {
    note(jobId: string, submission: string): void {
      holders.set(baseOf(jobId), submission);
    },
    of: (jobId: string): string | null => holders.get(baseOf(jobId)) ?? null,
    /** Whether a submission's id is still its own; so is that of one whose id nobody knows yet. */
    isCurrent: ({ id, jobId }: Pick<SubmissionFact, 'id' | 'jobId'>) => jobId === null || has(jobId, id),
    /** Those that jobs wrote that have their ids now. */
    current: (registered: ReadonlyMap<string, Registered>): ReadonlyMap<string, Registered> =>
      new Map([...registered].filter(([id, { submission }]) => has(id, submission))),
  };
}
