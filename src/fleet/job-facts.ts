import type { JobTag } from './names.js';

export interface JobFact {
  id: string;
  /** The array's task; null for a plain job. */
  task: number | null;
  tag: JobTag;
  state: string;
  reason: string;
  node: string;
  timeLeft: number | null;
  elapsed: number;
  /** ISO time; for a pending job, when it is expected to start; null if unknown. */
  startTime: string | null;
  /** Path of the script that was submitted; empty if there was none. */
  script: string;
}

/** A failed answer says nothing about any job: it must never be read as an empty list. */
export type ListAnswer = { ok: true; jobs: JobFact[] } | { ok: false; detail: string };

export interface JobEnd {
  state: string;
  reason: string;
  exitCode: string | null;
  node: string | null;
}
