import type { Fault } from './faults.js';
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
  /** The spec's number when it was submitted. */
  generation: number;
  offset: number;
  instances: Slot[];
  /** Null while nobody knows whether it arrived. */
  jobId: string | null;
  /** Seconds from its submission until the last of its servers was ready, as far as somebody watched. */
  startTook?: number;
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
  /** Whether this run stays until servers that are replaced ahead of time have their successors. */
  keeps: boolean;
  /** Since when jobs are out of service without a break, by job id. Milliseconds, by the clock of `now`. */
  outOfService: ReadonlyMap<string, number>;
  /** Jobs whose server every live gateway has in rotation; null where no gateway says. */
  inRotation: ReadonlySet<string> | null;
  /** What went wrong in the last day, the oldest first. */
  faults: readonly Fault[];
}
