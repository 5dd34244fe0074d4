/** Limits that a partition sets for its jobs, as the scheduler prints them; empty if it sets none. */
export interface PartitionPolicy {
  name: string;
  /** The hosts that jobs may be submitted from; null for all. */
  submitFrom: string[] | null;
  /** Null for all. */
  accounts: string[] | null;
}

export interface Reservation {
  name: string;
  /** For maintenance of the nodes, not for jobs. */
  maintenance: boolean;
  /** Milliseconds since the epoch. */
  from: number;
  to: number;
  nodes: string[];
}

/** This user's limits in one account; null for no limit. */
export interface AccountLimits {
  account: string;
  /** Jobs that may be queued or running together. */
  submitted: number | null;
  running: number | null;
}

export interface ClusterPolicy {
  version: string | null;
  /** Seconds for which the controller remembers a job that has ended (MinJobAge). */
  minJobAge: number | null;
  requeuesJobs: boolean | null;
  /** How jobs are preempted: `OFF`, `CANCEL`, `REQUEUE`, `SUSPEND`, ... */
  preemption: string;
  /** Whether an accounting database keeps jobs that the controller has forgotten. */
  accounting: boolean;
  partitions: PartitionPolicy[];
  reservations: Reservation[];
  /** Null if the accounts cannot be listed. */
  accounts: AccountLimits[] | null;
}
