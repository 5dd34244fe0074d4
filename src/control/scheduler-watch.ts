import type { ListAnswer } from '../fleet/job-facts.js';
import { applyAnswer, type JobTable, track } from '../fleet/job-table.js';
import type { Scheduler } from '../scheduler/port.js';

/** The scheduler is asked 1 s after a submission, then ever more rarely, at most every 30 s. */
const FIRST_MS = 1_000;
const GROWTH = 1.3;
const SLOWEST_MS = 30_000;
/** Once every server is ready nothing is expected any more. */
const ALL_READY_MS = 60_000;

/** Asks the scheduler for all jobs of a fleet on a slowing clock, one call under way at a time, and keeps the jobTable. */
export function schedulerWatch(deps: {
  scheduler: Pick<Scheduler, 'list'>;
  fleet: string;
  confirmGoneAfterMs: number;
  now: () => number;
  onAnswer: (answer: ListAnswer) => Promise<void>;
  /** Called when an answer has been taken in. */
  onNews: () => void;
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
    // A job that was missing once is judged as soon as the second answer may judge it.
    const missing = [...jobTable.values()].some((job) => job.missingSince !== null && !job.gone);
    if (missing) nextAt = Math.min(nextAt, deps.now() + deps.confirmGoneAfterMs);
  }

  /** A fleet's jobs are asked for by their name, which anybody may change: who misses one looks among all. */
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
    /** When the last good answer came; undefined while there was none. */
    answeredAt: () => answeredAt,
    /** Asks if it is time to; returns at once. Throws what the last question threw: no answer, but a full disk or a bug. */
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
          deps.onNews();
        });
    },
    /** Something happened that the next answer must show soon: a submission, a job that says it ends. */
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
