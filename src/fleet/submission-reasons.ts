import { type Decision, slotViews } from './decide.js';
import type { Facts } from './facts.js';
import { instanceOf, oldestFirst } from './instance-view.js';
import type { Slot } from './slot.js';

/** Of a longer list, so many jobs are named. */
const NAMED = 5;

/**
 * Why jobs are submitted for these slots: which jobs they take over from, or which ended before them. Empty for the
 * first jobs of a fleet.
 */
export function submissionReasons(
  slots: readonly Slot[],
  decision: Decision,
  facts: Pick<Facts, 'jobs' | 'submissions'>,
): string {
  const { replacements, surplus } = decision;
  const holders = new Map(slotViews(decision).map(({ instance, jobId }) => [instance, jobId]));
  const byReason = new Map<string, string[]>();
  const add = (reason: string, job: string) => byReason.set(reason, [...(byReason.get(reason) ?? []), job]);
  for (const slot of slots) {
    const due = replacements.find((each) => each.slot === slot)?.due;
    const holder = holders.get(slot);
    const ending = surplus.find(({ instance }) => instance === slot);
    const ended = endedJob(slot, facts);
    if (due !== undefined && holder) add(`to take over from {}: ${due.why}`, holder);
    else if (ending !== undefined) add(`in place of {}: ${ending.why}`, ending.jobId ?? '');
    else if (ended !== undefined) add('in place of {}, which ended', ended);
  }
  return [...byReason].map(([reason, jobs]) => `, ${reason.replace('{}', named(jobs))}`).join('');
}

function endedJob(
  slot: Slot,
  { jobs, submissions }: Pick<Facts, 'jobs' | 'submissions'>,
): string | undefined {
  return [...jobs.values()]
    .filter((job) => job.gone && instanceOf(job, { submissions }) === slot)
    .sort(oldestFirst)
    .at(-1)?.id;
}

function named(jobs: readonly string[]): string {
  if (jobs.length === 1) return `job ${jobs[0]}`;
  const more = jobs.length > NAMED ? ` and ${jobs.length - NAMED} more` : '';
  return `jobs ${jobs.slice(0, NAMED).join(', ')}${more}`;
}
