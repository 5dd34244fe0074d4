import type { Slot } from './slot.js';

export const INSTANCE_STATES = ['pending', 'starting', 'ready', 'unhealthy', 'draining', 'gone'] as const;
export type InstanceState = (typeof INSTANCE_STATES)[number];

export interface InstanceView<S extends Slot = Slot> {
  instance: S;
  jobId: string | null;
  state: InstanceState;
  /** Slurm's own state, such as RUNNING; null if no job is known. */
  jobState: string | null;
  /** Why it is not ready: Slurm's pending reason, or the cause of a failure in one line. */
  reason: string | null;
  node: string | null;
  url: string | null;
  host: string | null;
  port: number | null;
  cpus: number | null;
  reachable: boolean | null;
  /** ISO time at which the job started; null before that. */
  startedAt: string | null;
  /** ISO time at which the job's time limit ends; null if none or unknown. */
  expiresAt: string | null;
  /** ISO time at which Slurm expects a pending job to start; null if it gives none. */
  expectedStart: string | null;
}

export type ServerView = InstanceView<number>;
