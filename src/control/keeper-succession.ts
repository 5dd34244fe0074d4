import { messageOf } from '../errors.js';
import { isTerminal } from '../fleet/job-table.js';
import type { Scheduler } from '../scheduler/port.js';

/**
 * A successor is submitted when this share of the time limit is left; at least ten minutes, at most half of the
 * limit.
 */
const SHARE = 0.1;
const LEAST_S = 600;
/** Interval of asking Slurm about the keepers' jobs while a successor is due. Milliseconds. */
const DUE_EVERY_MS = 60_000;
/** Shortest interval before that. */
const SHORTEST_MS = 20_000;
const UNLIMITED_MS = 3_600_000;
/** Slurm's SIGTERM comes 60 s before the limit or up to 60 s earlier (keeper-script.ts). Seconds; polls take time, too. */
const TOLD_S = 150;

export interface SuccessionDeps {
  jobId: string;
  fleet: string;
  scheduler: Pick<Scheduler, 'listKeepers'>;
  /** Submits a keeper's job; null if it is unknown whether it arrived. */
  submit: () => Promise<string | null>;
  now: () => number;
  onProblem: (words: string) => void;
}

/**
 * Submits the next keeper's job before this one reaches its time limit, which Slurm reports. `check` does not wait;
 * it asks again after half of the time until the successor is due, so a few times in all.
 */
export function keeperSuccession(deps: SuccessionDeps) {
  let nextAt = deps.now();
  let looking: Promise<void> | undefined;
  /** Successful answers that did not list the job of an sbatch which gave no clear answer. */
  let absent: number | undefined;

  async function askAndSubmit(): Promise<void> {
    const answer = await deps.scheduler.listKeepers(deps.fleet);
    nextAt = deps.now() + DUE_EVERY_MS;
    const own = answer.ok ? answer.jobs.find(({ id }) => id === deps.jobId) : undefined;
    if (!answer.ok || own === undefined) return;
    if (own.timeLeft === null) {
      nextAt = deps.now() + UNLIMITED_MS;
      return;
    }
    const limit = own.timeLeft + own.elapsed;
    const due = Math.min(limit / 2, Math.max(LEAST_S, limit * SHARE));
    if (own.timeLeft > due) {
      nextAt = deps.now() + Math.max(SHORTEST_MS, ((own.timeLeft - due) * 1000) / 2);
      return;
    }
    if (answer.jobs.some(isSuccessor)) return;
    if (absent !== undefined && absent++ < 1) return;
    absent = (await deps.submit()) === null ? 0 : undefined;
  }

  function isSuccessor({ id, state }: { id: string; state: string }): boolean {
    return id !== deps.jobId && !isTerminal(state);
  }

  return {
    check(): void {
      if (looking !== undefined || deps.now() < nextAt) return;
      looking = askAndSubmit()
        .catch((error: unknown) => deps.onProblem(messageOf(error)))
        .finally(() => {
          looking = undefined;
        });
    },
    /**
     * For a keeper that has got a SIGTERM: submits the successor that a short time limit left no time for. A job that
     * was cancelled has none.
     */
    async beforeEnd(): Promise<void> {
      await looking;
      const answer = await deps.scheduler.listKeepers(deps.fleet);
      const own = answer.ok ? answer.jobs.find(({ id }) => id === deps.jobId) : undefined;
      const isNear = own?.state === 'RUNNING' && own.timeLeft !== null && own.timeLeft <= TOLD_S;
      if (!answer.ok || !isNear || absent !== undefined || answer.jobs.some(isSuccessor)) return;
      await deps.submit().catch((error: unknown) => deps.onProblem(messageOf(error)));
    },
  };
}
