import { type Decision, slotViews, successorViews } from './decide.js';
import type { InstanceView } from './instance.js';

/** What takes the place of a job that ended; empty if this command does nothing about it. */
export function whatFollows(
  { instance, jobId }: Pick<InstanceView, 'instance' | 'jobId'>,
  decision: Decision,
  { pause, submits }: { pause: string; submits: boolean },
): string {
  const next = [...slotViews(decision), ...successorViews(decision)].find(
    (view) =>
      view.instance === instance && view.jobId !== null && view.jobId !== jobId && view.state !== 'gone',
  );
  if (next !== undefined) return `job ${next.jobId} takes its place`;
  if (pause !== '') return pause;
  return submits && decision.submit.includes(instance) ? 'another job is submitted' : '';
}
