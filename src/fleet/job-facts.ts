import type { JobTag } from './names.js';

/** One job as the scheduler tells it; an array element counts as one. */
export interface JobFact {
  /** What `squeue -r -o %i` prints: `123`, or `123_4` for an element of an array. */
  id: string;
  /** The array's task; null for a plain job. */
  task: number | null;
  tag: JobTag;
  state: string;
  /** Its own reason, such as Resources; empty for none. */
  reason: string;
  node: string;
  /** Seconds until the time limit; null for no limit. */
  timeLeft: number | null;
  /** Seconds that it has run. */
  elapsed: number;
  /** ISO time; for a pending job when it is expected to start; null where nobody says. */
  startTime: string | null;
  /** Path of the script that was submitted; empty where there was none. */
  script: string;
}

/** `failed` says nothing about any job: never take it for an empty answer. */
export type ListAnswer = { ok: true; jobs: JobFact[] } | { ok: false; detail: string };

/** What is known of a job's end, in the scheduler's words. */
export interface JobEnd {
  state: string;
  reason: string;
  /** `code:signal`, as Slurm writes it; null where nobody says. */
  exitCode: string | null;
  node: string | null;
}
