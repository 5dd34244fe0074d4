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
  /** Of embedded servers; `nonce` is empty then. */
  secret?: string | undefined;
  cpus: number;
  /** `draining`: its time limit is near. */
  state: 'starting' | 'ready' | 'unhealthy' | 'draining' | 'gone';
  beat: number;
  /** Connections to the server at that heartbeat; null if its job does not report them. */
  connections: number | null;
  /** The job has not refreshed it for so long that it is no evidence any more. */
  stale: boolean;
  /** The job has not refreshed it since this command started: it may be old, or the job may be suspended. */
  unrefreshed: boolean;
}

export interface Probed {
  /** Whether this machine reaches the server; null until a health check succeeded or enough of them failed. */
  reachable: boolean | null;
  reason: string;
  /** It accepted the connection but did not answer, so the network is not the cause. */
  silent?: true;
  /** When the last successful health check was sent. Milliseconds since the epoch. */
  provenAt?: number;
}

export interface SubmissionFact {
  id: string;
  hash: string;
  generation: number;
  offset: number;
  instances: Slot[];
  /** Null while it is unknown whether sbatch arrived. */
  jobId: string | null;
  /** Seconds from its submission until the last of its servers was ready, if a command observed it. */
  startTook?: number;
}

export interface Facts {
  /** Milliseconds since the epoch. */
  now: number;
  jobs: JobTable;
  submissions: ReadonlyMap<string, SubmissionFact>;
  registrations: ReadonlyMap<string, Registered>;
  probes: ReadonlyMap<string, Probed>;
  /** Slurm's address of each node, by name. */
  addresses: ReadonlyMap<string, string>;
  causes: ReadonlyMap<string, string>;
  /** Slots that this run does not submit, or not again. */
  attempted: ReadonlySet<Slot>;
  /** Whether this run keeps the fleet, and so replaces servers ahead of their time limit. */
  keeps: boolean;
  /** Since when each job has been out of service without a break, by job id. Milliseconds, by the clock of `now`. */
  outOfService: ReadonlyMap<string, number>;
  /** Jobs whose server every live gateway has in rotation; null if no gateway reports it. */
  inRotation: ReadonlySet<string> | null;
  /** Faults of the last day, the oldest first. */
  faults: readonly Fault[];
}
