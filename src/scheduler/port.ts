import type { ClusterFacts, PartitionFact } from '../fleet/cluster-facts.js';
import type { ClusterPolicy, Reservation } from '../fleet/cluster-policy.js';
import type { JobEnd, ListAnswer } from '../fleet/job-facts.js';
import type { Submission } from '../fleet/plan.js';

/** `unsure`: no clear answer came, and the job may exist now or later. */
export type SubmitAnswer =
  | { kind: 'submitted'; jobId: string }
  | { kind: 'refused'; detail: string }
  | { kind: 'unsure'; detail: string };

export interface OneOffJob {
  partition: string;
  account?: string | null;
  qos?: string | null;
  reservation?: string | null;
  constraint?: string | null;
  node?: string | null;
  exclude?: readonly string[];
  maxWait?: number;
}

export interface NamedJob {
  name: string;
  cpus: number;
  partition: string | null;
  time: string | null;
  account: string | null;
  qos: string | null;
  reservation: string | null;
  cwd: string;
  /** The whole environment of the program, apart from the scheduler's own variables. */
  env: NodeJS.ProcessEnv;
}

export interface NamedJobOptions {
  /** Cancels the job, which gets a few seconds to clean up. */
  signal: AbortSignal;
  onLine: (line: string) => void;
}

export interface JobOutcome {
  /** Null if a signal ended it. */
  code: number | null;
  signal: string | null;
}

export interface SubmitRequest {
  submission: Submission;
  scriptPath: string;
  cwd: string;
  here?: boolean;
}

export interface OwnJob {
  id: string;
  others: string[];
}

/** Where jobs run; nothing else in the program uses a scheduler. */
export interface Scheduler {
  facts(): Promise<ClusterFacts>;
  /** A partition that `facts` leaves out because none of its nodes is visible now; undefined if there is none. */
  partition(name: string): Promise<PartitionFact | undefined>;
  /** Whether the scheduler answers now, by its cheapest call. `detail`: its message. */
  ping(): Promise<{ ok: boolean; detail: string }>;
  /** How the scheduler treats jobs: a few calls at once. Unknown values are empty or null. */
  policy(): Promise<ClusterPolicy>;
  /** For completion: one call, bounded to two seconds; none on failure. */
  partitionNames(): Promise<string[]>;
  startsContainers(): Promise<boolean>;
  /** Times and nodes that are reserved for others; none if unknown. */
  reservations(): Promise<Reservation[]>;
  submitArgv(scriptPath: string, array: string | null): string[];
  submit(request: SubmitRequest): Promise<SubmitAnswer>;
  /** When a job of this script would start, without submitting it. Milliseconds since the epoch; null if nobody says. */
  startsAt(scriptPath: string, cwd: string): Promise<number | null>;
  /** Lets a pending job that asked for a node run on any other. Does nothing where Slurm does not answer. */
  freeFromNode(jobId: string): Promise<void>;
  /** Ended ones too, as long as they are known; one call. */
  list(filter: { fleet: string | null }): Promise<ListAnswer>;
  /** The jobs of a fleet's keepers, as long as they are known; one call. */
  listKeepers(fleet: string): Promise<ListAnswer>;
  /** One call for all; jobs that are gone already are no error. */
  cancel(jobIds: readonly string[]): Promise<{ ok: true } | { ok: false; detail: string }>;
  /** By the controller or accounting, one call each for the jobs of a submission. Unknown jobs are left out. */
  endings(jobIds: readonly string[]): Promise<ReadonlyMap<string, JobEnd>>;
  script(jobId: string): Promise<string | undefined>;
  expandHosts(hostlist: string): Promise<string[]>;
  /** Undefined outside of a job, and in a step of several tasks, each of which handles its own node. */
  ownJob(): Promise<OwnJob | undefined>;
  /** On each of the job's other nodes, until `signal` fires. */
  runOnOtherNodes(
    job: OwnJob,
    argv: readonly string[],
    options: { signal: AbortSignal; onLine: (line: string) => void },
  ): Promise<string>;
  runOneOff(
    job: OneOffJob,
    argv: readonly string[],
    input: string,
  ): Promise<{ ok: true; stdout: string } | { ok: false; detail: string }>;
  /** Without stdin. Throws kind `tool` if it cannot be started, or the signal's reason. */
  runNamedJob(job: NamedJob, argv: readonly string[], options: NamedJobOptions): Promise<JobOutcome>;
  /** Cancels a named job, also one whose caller is dead. Never fails: the job may be gone already. */
  cancelNamedJob(name: string): Promise<void>;
}
