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
  /** ISO time; for a pending job when it is expected to start; null where nobody says. */
  startTime: string | null;
  /** Path of the script that was submitted; empty where there was none. */
  script: string;
}

/** `failed` says nothing about any job: never take it for an empty answer. */
export type ListAnswer = { ok: true; jobs: JobFact[] } | { ok: false; detail: string };

export interface JobEnd {
  state: string;
  reason: string;
  exitCode: string | null;
  node: string | null;
}
