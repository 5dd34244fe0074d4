import type { JobTable } from './job-table.js';
import type { Slot } from './slot.js';

export interface Registered {
  jobId: string;
  submission: string;
  instance: Slot;
  node: string;
  host: string;
  port: number;
  nonce: string;
  /** Of sandboxctl's own servers; `nonce` is empty then. */
  secret?: string | undefined;
  cpus: number;
  /** `draining`: its time limit is near. */
  state: 'starting' | 'ready' | 'unhealthy' | 'draining' | 'gone';
  beat: number;
  /** Connections to the server at that beat; null where its job does not say. */
  connections: number | null;
  /** The job has not refreshed it for so long that it says nothing any more. */
  stale: boolean;
  /** The job has not refreshed it since we look: what it says may be of long ago, or of a job that stands still. */
  unrefreshed: boolean;
}

/** What our own canaries say of one job's server. */
export interface Probed {
  /** Whether this machine reaches the server; null until a canary came back or enough of them did not. */
  reachable: boolean | null;
  reason: string;
  /** It took the connection and did not answer: no matter of the network. */
  silent?: true;
  /** When the last canary that came back was sent. Milliseconds since the epoch. */
  provenAt?: number;
}

export interface SubmissionFact {
  id: string;
  hash: string;
  offset: number;
  instances: Slot[];
  /** Null while nobody knows whether it arrived. */
  jobId: string | null;
}

export interface Facts {
  /** Milliseconds since the epoch. */
  now: number;
  jobs: JobTable;
  submissions: ReadonlyMap<string, SubmissionFact>;
  registrations: ReadonlyMap<string, Registered>;
  probes: ReadonlyMap<string, Probed>;
  /** Node name to the address that Slurm gives. */
  addresses: ReadonlyMap<string, string>;
  /** Why jobs that are gone ended, by job id. */
  causes: ReadonlyMap<string, string>;
  /** Instances that this run does not submit, or not again. */
  attempted: ReadonlySet<Slot>;
}
