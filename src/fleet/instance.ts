import type { Slot } from './slot.js';

export const INSTANCE_STATES = ['pending', 'starting', 'ready', 'unhealthy', 'draining', 'gone'] as const;
export type InstanceState = (typeof INSTANCE_STATES)[number];

export interface InstanceView<S extends Slot = Slot> {
  instance: S;
  jobId: string | null;
  state: InstanceState;
  /** Slurm's own state word, such as RUNNING; null where no job is known. */
  jobState: string | null;
  /** Why it is not ready: Slurm's pending reason, or the cause of a failure in one line. */
  reason: string | null;
  node: string | null;
  url: string | null;
  host: string | null;
  port: number | null;
  cpus: number | null;
  reachable: boolean | null;
  /** ISO time at which the job started; null while it has not. */
  startedAt: string | null;
  /** ISO time at which the job's time limit ends; null for none or not known. */
  expiresAt: string | null;
  /** ISO time at which Slurm expects a pending job to start; null where it does not say. */
  expectedStart: string | null;
}

export type ServerView = InstanceView<number>;
