import type { Facts, Probed, Registered, SubmissionFact } from '../../src/fleet/facts.js';
import type { Fault } from '../../src/fleet/faults.js';
import type { JobFact } from '../../src/fleet/job-facts.js';
import type { JobTable, TrackedJob } from '../../src/fleet/job-table.js';

/** Any moment; milliseconds since the epoch. */
export const NOW = Date.parse('2026-01-01T00:00:00Z');

/** A running job of submission `s` in fleet `sandbox`; `1000_2` is task 2 of its array. */
export function jobFact(id: string, changes: Partial<JobFact> = {}): JobFact {
  const task = id.split('_')[1];
  return {
    id,
    task: task === undefined ? null : Number(task),
    tag: { fleet: 'sandbox', generation: 1, submission: 's' },
    state: 'RUNNING',
    reason: '',
    node: 'node1',
    timeLeft: 3_600,
    elapsed: 60,
    startTime: null,
    script: '/state/fleets/sandbox/submissions/s/script.sbatch',
    ...changes,
  };
}

export function believed(fact: JobFact, changes: Partial<TrackedJob> = {}): TrackedJob {
  return { id: fact.id, fact, seenAt: NOW, missingSince: null, gone: false, ...changes };
}

const tableOf = (...jobs: TrackedJob[]): JobTable => new Map(jobs.map((job) => [job.id, job]));

export function submission(changes: Partial<SubmissionFact> = {}): SubmissionFact {
  return { id: 's', hash: 'h', generation: 1, offset: 0, instances: [0, 1, 2, 3], jobId: '1000', ...changes };
}

export function registered(jobId: string, changes: Partial<Registered> = {}): Registered {
  return {
    jobId,
    submission: 's',
    instance: Number(jobId.split('_')[1] ?? 0),
    node: 'node1',
    host: '',
    port: 8080,
    nonce: 'n',
    cpus: 96,
    state: 'ready',
    beat: 1,
    connections: null,
    stale: false,
    unrefreshed: false,
    ...changes,
  };
}

export interface Given {
  jobs?: TrackedJob[];
  submissions?: SubmissionFact[];
  registrations?: Registered[];
  /** By job id. */
  probes?: Record<string, Probed>;
  causes?: Record<string, string>;
  attempted?: number[];
  keeps?: boolean;
  /** By job id. Milliseconds. */
  outOfService?: Record<string, number>;
  inRotation?: string[];
  faults?: Fault[];
}

export function factsOf(given: Given): Facts {
  const { jobs, submissions, registrations, probes, causes, attempted, keeps = false, inRotation } = given;
  return {
    keeps,
    faults: given.faults ?? [],
    outOfService: new Map(Object.entries(given.outOfService ?? {})),
    inRotation: inRotation === undefined ? null : new Set(inRotation),
    now: NOW,
    jobs: tableOf(...(jobs ?? [])),
    submissions: new Map((submissions ?? [submission()]).map((one) => [one.id, one])),
    registrations: new Map((registrations ?? []).map((one) => [one.jobId, one])),
    probes: new Map(Object.entries(probes ?? {})),
    addresses: new Map([['node1', '10.0.0.1']]),
    causes: new Map(Object.entries(causes ?? {})),
    attempted: new Set(attempted),
  };
}
