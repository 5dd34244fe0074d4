/** What a partition lets its jobs do, in the scheduler's own words; empty where it says nothing. */
export interface PartitionPolicy {
  name: string;
  /** The hosts that jobs may be submitted from; null for all. */
  submitFrom: string[] | null;
  /** Null for all. */
  accounts: string[] | null;
}

/** Nodes that are set apart for a time. */
export interface Reservation {
  name: string;
  /** For work on the nodes, not for somebody's jobs. */
  maintenance: boolean;
  /** Milliseconds since the epoch. */
  from: number;
  to: number;
  nodes: string[];
}

/** What this user may have at once of one account; null for no limit. */
export interface AccountLimits {
  account: string;
  /** Jobs that may be queued or running together. */
  submitted: number | null;
  running: number | null;
}

/** How a cluster treats jobs, as far as it says so. */
export interface ClusterPolicy {
  version: string | null;
  /** Seconds for which the controller remembers a job that has ended. */
  minJobAge: number | null;
  requeuesJobs: boolean | null;
  /** How jobs are preempted: `OFF`, `CANCEL`, `REQUEUE`, `SUSPEND`, ... */
  preemption: string;
  /** Whether jobs are still known once the controller has forgotten them. */
  accounting: boolean;
  partitions: PartitionPolicy[];
  reservations: Reservation[];
  /** Null where the accounts cannot be listed. */
  accounts: AccountLimits[] | null;
}
