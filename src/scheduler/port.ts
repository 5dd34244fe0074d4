import type { ClusterFacts, PartitionFact } from '../fleet/cluster-facts.js';
import type { JobEnd, ListAnswer } from '../fleet/job-facts.js';
import type { Submission } from '../fleet/plan.js';

/** `unsure`: no clear answer came, and the job may exist now or later. */
export type SubmitAnswer =
  | { kind: 'submitted'; jobId: string }
  | { kind: 'refused'; detail: string }
  | { kind: 'unsure'; detail: string };

/** Where a short program is to run. What is null or left out is not asked for. */
export interface OneOffJob {
  partition: string;
  account?: string | null;
  qos?: string | null;
  reservation?: string | null;
  constraint?: string | null;
  node?: string | null;
  exclude?: readonly string[];
  /** Seconds to wait for a node; five minutes when left out. */
  maxWait?: number;
}

/** A program in a job of its own on one node, for as long as the call lasts. Null options are not asked for. */
export interface NamedJob {
  /** Unique, since the job is found by it. */
  name: string;
  cpus: number;
  partition: string | null;
  /** As sbatch takes it. */
  time: string | null;
  account: string | null;
  qos: string | null;
  reservation: string | null;
  /** The folder that it runs in; the node must see it. */
  cwd: string;
  /** The whole environment of the program, apart from the scheduler's own variables. */
  env: NodeJS.ProcessEnv;
}

export interface NamedJobOptions {
  /** Cancels the job, which gets a few seconds to clean up. */
  signal: AbortSignal;
  /** Called with each line of stdout or stderr, the scheduler's own messages among them. */
  onLine: (line: string) => void;
}

export interface JobOutcome {
  /** Null where a signal ended it. */
  code: number | null;
  signal: string | null;
}

export interface SubmitRequest {
  submission: Submission;
  scriptPath: string;
  cwd: string;
  /** Whether it is for the machine of the call, whatever the cluster is. */
  here?: boolean;
}

/** The job that this process is a part of, with its other nodes. */
export interface OwnJob {
  id: string;
  others: string[];
}

/** Where jobs run. Nothing else of the program talks to a scheduler. */
export interface Scheduler {
  /** One call each. Throws kind `tool` where the scheduler cannot be asked. */
  facts(): Promise<ClusterFacts>;
  /** A partition that `facts` leaves out, since nobody sees a node of it now; undefined where there is none. */
  partition(name: string): Promise<PartitionFact | undefined>;
  /** Names alone of those that this user may use, from one call that is given up after two seconds: for who waits at a keyboard. None where it cannot be asked. */
  partitionNames(): Promise<string[]>;
  /** Whether jobs can be started in a container by the scheduler's own launcher, as far as it says so here. */
  startsContainers(): Promise<boolean>;
  submitArgv(scriptPath: string, array: string | null): string[];
  submit(request: SubmitRequest): Promise<SubmitAnswer>;
  /** All jobs of one fleet, or of all fleets of this user, ended ones too as long as they are known; one call. */
  list(filter: { fleet: string | null }): Promise<ListAnswer>;
  /** One call for all. Jobs that are gone already are no error. */
  cancel(jobIds: readonly string[]): Promise<{ ok: true } | { ok: false; detail: string }>;
  /**
   * How jobs ended, as far as the controller or accounting knows: one call of each for all jobs of one
   * submission. Jobs that nobody knows are left out.
   */
  endings(jobIds: readonly string[]): Promise<ReadonlyMap<string, JobEnd>>;
  script(jobId: string): Promise<string | undefined>;
  expandHosts(hostlist: string): Promise<string[]>;
  /**
   * The caller's own job, where this process alone stands for it; undefined outside of any, and in a step of
   * several tasks, which each see to their own node.
   */
  ownJob(): Promise<OwnJob | undefined>;
  /** Runs a program on each of the job's other nodes, beside all that runs there, until `signal` fires. Its last words are told. */
  runOnOtherNodes(
    job: OwnJob,
    argv: readonly string[],
    options: { signal: AbortSignal; onLine: (line: string) => void },
  ): Promise<string>;
  /** Runs a short program on one node, outside of any job of the caller's. */
  runOneOff(
    job: OneOffJob,
    argv: readonly string[],
    input: string,
  ): Promise<{ ok: true; stdout: string } | { ok: false; detail: string }>;
  /**
   * Runs a program without stdin and streams its output. Throws kind `tool` if it cannot be started, and the
   * signal's reason if that has fired before.
   */
  runNamedJob(job: NamedJob, argv: readonly string[], options: NamedJobOptions): Promise<JobOutcome>;
  /** Cancels a named job, also one whose caller is dead. Never fails: the job may be gone already. */
  cancelNamedJob(name: string): Promise<void>;
}
