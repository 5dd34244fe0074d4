import type { ListAnswer } from '../fleet/job-facts.js';
import { applyAnswer, type JobTable, track } from '../fleet/job-table.js';
import type { Scheduler } from '../scheduler/port.js';

/** The scheduler is polled 1 s after a submission, then at growing intervals of up to 30 s. */
const FIRST_MS = 1_000;
const GROWTH = 1.3;
const SLOWEST_MS = 30_000;
const ALL_READY_MS = 60_000;

/** Polls the scheduler for all jobs of a fleet at growing intervals, one call at a time, and keeps the job table. */
export function schedulerWatch(deps: {
  scheduler: Pick<Scheduler, 'list'>;
  fleet: string;
  confirmGoneAfterMs: number;
  now: () => number;
  onAnswer: (answer: ListAnswer) => Promise<void>;
  onChange: () => void;
}) {
  let jobTable: JobTable = new Map();
  let gap = FIRST_MS;
  let nextAt = 0;
  let answeredAt: number | undefined;
  let underWay = false;
  let broken: { error: unknown } | undefined;

  async function ask(): Promise<void> {
    const answer = await withRenamed(await deps.scheduler.list({ fleet: deps.fleet }));
    await deps.onAnswer(answer);
    jobTable = applyAnswer(jobTable, answer, deps.now(), deps.confirmGoneAfterMs);
    if (answer.ok) answeredAt = deps.now();
    nextAt = deps.now() + gap;
    gap = Math.min(gap * GROWTH, SLOWEST_MS);
    // A job that was missing once can be confirmed gone after this long.
    const missing = [...jobTable.values()].some((job) => job.missingSince !== null && !job.gone);
    if (missing) nextAt = Math.min(nextAt, deps.now() + deps.confirmGoneAfterMs);
  }

  /** Polls ask for job names, which a user can change, so a missing job is looked up among all jobs. */
  async function withRenamed(answer: ListAnswer): Promise<ListAnswer> {
    if (!answer.ok) return answer;
    const listed = new Set(answer.jobs.map(({ id }) => id));
    if (![...jobTable.values()].some(({ id, gone }) => !gone && !listed.has(id))) return answer;
    const all = await deps.scheduler.list({ fleet: null });
    if (!all.ok) return all;
    const renamed = all.jobs.filter(({ id, tag }) => tag.fleet === deps.fleet && !listed.has(id));
    return { ok: true, jobs: [...answer.jobs, ...renamed] };
  }

  return {
    table: () => jobTable,
    /** When the last successful answer arrived; undefined before the first. */
    answeredAt: () => answeredAt,
    /** Polls if it is due, without waiting. Throws the error of the last poll: a full disk or a bug. */
    tick(): void {
      if (broken !== undefined) throw broken.error;
      if (underWay || deps.now() < nextAt) return;
      underWay = true;
      ask()
        .catch((error: unknown) => {
          broken = { error };
        })
        .finally(() => {
          underWay = false;
          deps.onChange();
        });
    },
    /** After a change that the next answer should show: a submission, a job that reports its end. */
    pollSoon(): void {
      gap = FIRST_MS;
      nextAt = Math.min(nextAt, deps.now() + FIRST_MS);
    },
    pollSlowly(): void {
      nextAt = Math.max(nextAt, (answeredAt ?? deps.now()) + ALL_READY_MS);
    },
    track(ids: readonly string[]): void {
      jobTable = track(jobTable, ids);
    },
  };
}
