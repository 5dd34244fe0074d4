import { type Belief, type Believed, isTerminal, whyPaused } from './belief.js';
import type { InstanceState, InstanceView } from './instance.js';
import { neverStarts } from './reasons.js';
import { GATEWAY, hashAt, type Spec, slotsOf } from './spec.js';
import { unasked } from './unasked.js';

/** A registration as far as decisions need it. */
export interface Registered {
  jobId: string;
  submission: string;
  instance: number;
  node: string;
  host: string;
  port: number;
  nonce: string;
  cpus: number;
  /** `draining`: its time limit is near. */
  state: 'starting' | 'ready' | 'unhealthy' | 'draining' | 'gone';
  /** Counts its refreshes. */
  beat: number;
  /** Connections to the server at that beat; null where its job does not say. */
  connections: number | null;
  /** The job has not refreshed it for so long that it says nothing any more. */
  stale: boolean;
  /** The job has not refreshed it since we look: what it says may be of long ago, or of a job that stands still. */
  unmoved: boolean;
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

/** A submission as it was recorded, by id. */
export interface SubmissionFact {
  id: string;
  hash: string;
  offset: number;
  instances: number[];
  /** Null while nobody knows whether it arrived. */
  jobId: string | null;
}

export interface Facts {
  /** Milliseconds since the epoch. */
  now: number;
  jobs: Belief;
  submissions: ReadonlyMap<string, SubmissionFact>;
  registrations: ReadonlyMap<string, Registered>;
  probes: ReadonlyMap<string, Probed>;
  /** Node name to the address that Slurm gives. */
  addresses: ReadonlyMap<string, string>;
  /** Why jobs that are gone ended, by job id. */
  causes: ReadonlyMap<string, string>;
  /** Instances that this run does not submit, or not again. */
  attempted: ReadonlySet<number>;
}

export interface Decision {
  instances: InstanceView[];
  /** Null where the fleet is to have none. */
  gateway: InstanceView | null;
  /** Slots that need a job: instances, and the gateway. */
  submit: number[];
  /** Jobs that nobody asked for: another spec's, a second one of an instance, one past the fleet's end. */
  surplus: Surplus[];
}

export interface Surplus extends InstanceView {
  /** Why it is to end, for a person. */
  why: string;
  /**
   * Whether it may end now. Only what the scheduler's last good answer lists may: an id that it does not list can
   * be another job's by now. A second job of an instance that runs also waits until the first is known to be ready.
   */
  mayEnd: boolean;
}

/** Every slot: the instances, and the gateway where there is to be one. */
export function slotViews({ instances, gateway }: Pick<Decision, 'instances' | 'gateway'>): InstanceView[] {
  return gateway === null ? instances : [...instances, gateway];
}

/** The servers among them that may end now: clients are to stop using them. */
export function endingServers(surplus: readonly Surplus[]): Surplus[] {
  return surplus.filter(({ instance, mayEnd }) => mayEnd && instance !== GATEWAY);
}

/** The whole of what sandboxctl decides: what is there, what is missing, what is too much. */
export function decide(spec: Pick<Spec, 'nodes' | 'hash' | 'gateway'>, facts: Facts): Decision {
  const slots = slotsOf(spec);
  const byInstance = new Map<number, InstanceView>();
  const surplus: Surplus[] = [];
  for (const { job, instance, view } of candidates(facts)) {
    const listed = isListed(job);
    if (instance === undefined) {
      // Its script is lost, so nobody knows what it is; it ends only with the whole fleet.
      if (spec.nodes === 0) surplus.push({ ...view, why: STOPPED, mayEnd: listed });
      continue;
    }
    const unwanted = whyUnwanted(spec, slots, instance, hashOf(job, facts));
    const holder = byInstance.get(instance);
    if (unwanted !== undefined) surplus.push({ ...view, why: unwanted, mayEnd: listed });
    else if (holder === undefined) byInstance.set(instance, view);
    else {
      const why = `job ${holder.jobId} is the ${holder.state} one of ${instance === GATEWAY ? 'the gateway' : `instance ${instance}`}`;
      surplus.push({ ...view, why, mayEnd: listed && mayYield(view, holder, facts) });
    }
  }
  const unsure = new Set(
    [...facts.submissions.values()].filter((s) => s.jobId === null).flatMap((s) => s.instances),
  );
  const views: InstanceView[] = [];
  const submit: number[] = [];
  for (const instance of slots) {
    const view = byInstance.get(instance);
    if (view !== undefined) {
      views.push(view);
      continue;
    }
    if (!facts.attempted.has(instance) && !unsure.has(instance)) submit.push(instance);
    views.push(endedView(instance, facts, unsure.has(instance)));
  }
  return {
    instances: views.filter(({ instance }) => instance !== GATEWAY),
    gateway: views.find(({ instance }) => instance === GATEWAY) ?? null,
    submit,
    surplus,
  };
}

const STOPPED = 'the fleet is stopped';

/** Undefined where a job of this hash in this slot is what was asked for. */
function whyUnwanted(
  spec: Pick<Spec, 'nodes' | 'hash' | 'gateway'>,
  slots: readonly number[],
  instance: number,
  hash: string | undefined,
): string | undefined {
  if (spec.nodes === 0) return STOPPED;
  if (!slots.includes(instance)) {
    return instance === GATEWAY
      ? 'the fleet has no gateway any more'
      : `the fleet has ${spec.nodes === 1 ? '1 server' : `${spec.nodes} servers`} now`;
  }
  return hash === hashAt(spec, instance) ? undefined : 'its spec was replaced by a newer one';
}

interface Candidate {
  job: Believed;
  /** Undefined where its script is lost. */
  instance: number | undefined;
  view: InstanceView;
}

/** All live jobs; of two that serve one instance the one that is to keep it comes first. */
function candidates(facts: Facts): Candidate[] {
  return [...facts.jobs.values()]
    .filter((job) => !job.gone)
    .map((job) => {
      const instance = instanceOf(job, facts);
      return { job, instance, view: viewOf(instance ?? job.fact?.task ?? 0, job, facts) };
    })
    .sort((a, b) => doubt(a) - doubt(b) || oldestFirst(a.job, b.job));
}

/** A second job of an instance ends once the first one is known to be ready, or where it does not run itself. */
function mayYield(view: InstanceView, holder: InstanceView, facts: Facts): boolean {
  return !unasked(view, facts) && (view.state === 'pending' || holder.state === 'ready');
}

/** Of those that nobody reaches from here: what runs goes before what pends, and that before what is ending. */
const DOUBTS: { [S in InstanceState]?: number } = { ready: 1, pending: 3, draining: 4 };

/** The less is confirmed of a job, the higher: what nobody has confirmed never displaces what is confirmed. */
function doubt({ job, view }: Candidate): number {
  if (view.state === 'ready' && view.reachable === true) return 0;
  // Its registration may be that of a server which died before it could say so.
  if (!isListed(job)) return 5;
  return DOUBTS[view.state] ?? 2;
}

/** Whether the scheduler's last good answer had it. */
function isListed({ fact, missingSince }: Believed): boolean {
  return fact !== null && missingSince === null;
}

function instanceOf(job: Believed, facts: Pick<Facts, 'submissions'>): number | undefined {
  const submission = submissionOf(job, facts);
  if (submission === undefined) return undefined;
  const task = /_(\d+)$/.exec(job.id)?.[1];
  return task === undefined ? submission.instances[0] : Number(task) + submission.offset;
}

function submissionOf(job: Believed, facts: Pick<Facts, 'submissions'>): SubmissionFact | undefined {
  if (job.fact !== null) return facts.submissions.get(job.fact.tag.submission);
  const arrayId = job.id.split('_')[0];
  return [...facts.submissions.values()].find((submission) => submission.jobId === arrayId);
}

function hashOf(job: Believed, facts: Facts): string | undefined {
  return submissionOf(job, facts)?.hash;
}

/** Array ids grow with time, so the smaller number is the older job. */
function oldestFirst(a: Believed, b: Believed): number {
  return a.id.localeCompare(b.id, 'en', { numeric: true });
}

function viewOf(instance: number, job: Believed, facts: Facts): InstanceView {
  const { fact } = job;
  const told = facts.registrations.get(job.id);
  const probed = facts.probes.get(job.id);
  const state = stateOf(job, told, probed);
  // What a job that pends has told is of an earlier run.
  const registered = state === 'pending' ? undefined : told;
  const running = fact !== null && fact.node !== '' && fact.state !== 'PENDING';
  const node = registered?.node ?? (running ? fact.node : null);
  const host = registered !== undefined ? hostOf(registered, facts.addresses) : null;
  return {
    instance,
    jobId: job.id,
    state,
    jobState: fact?.state ?? null,
    reason: reasonOf(state, job, told, probed),
    node,
    url:
      host === null || registered === undefined || registered.port === 0
        ? null
        : urlOf(host, registered.port),
    host,
    port: registered === undefined || registered.port === 0 ? null : registered.port,
    cpus: registered?.cpus ?? null,
    reachable: probed?.reachable ?? null,
    startedAt: running ? new Date(job.seenAt - fact.elapsed * 1000).toISOString() : null,
    expiresAt:
      running && fact.timeLeft !== null ? new Date(job.seenAt + fact.timeLeft * 1000).toISOString() : null,
    expectedStart: fact?.state === 'PENDING' ? fact.startTime : null,
  };
}

/**
 * Ready is what a canary proved: ours from here, or the job's own through loopback where the network keeps us
 * from it and its registration moves. That proves that its job runs, however long ago squeue was asked.
 */
function stateOf(
  job: Believed,
  registered: Registered | undefined,
  probed: Probed | undefined,
): InstanceState {
  const word = job.fact?.state ?? 'PENDING';
  // An administrator requeued it: the registration is of the run before.
  if (job.fact?.state === 'PENDING' && registered?.state === 'gone') return 'pending';
  if (word === 'COMPLETING') return 'draining';
  if (whyPaused(word) !== undefined && (probed?.provenAt ?? 0) <= job.seenAt) return 'unhealthy';
  if (registered === undefined) return word === 'RUNNING' ? 'starting' : 'pending';
  if (registered.state === 'gone' || registered.state === 'draining') return 'draining';
  if (probed?.reachable === true) return 'ready';
  // It was requeued: the registration is of a run that could not take it back.
  if (word === 'PENDING' && registered.unmoved) return 'pending';
  if (registered.state === 'unhealthy' || registered.stale) return 'unhealthy';
  if (registered.state !== 'ready' || probed?.reachable !== false) return 'starting';
  return registered.unmoved || probed.silent === true ? 'unhealthy' : 'ready';
}

function reasonOf(
  state: InstanceState,
  job: Believed,
  told: Registered | undefined,
  probed: Probed | undefined,
): string | null {
  if (state === 'draining' && told?.state === 'draining') return 'its time limit is near';
  if (state === 'pending') return job.fact?.reason || job.fact?.state || 'submitted';
  if (state === 'ready' && probed?.reachable === false) return `unreachable from here: ${probed.reason}`;
  if (state === 'unhealthy')
    return whyPaused(job.fact?.state ?? '') ?? (probed?.reason || 'its own canary fails');
  return null;
}

/** The host in a server's URL: what the job was told to use, else the node's address as Slurm gives it. */
export function hostOf(registered: Registered, addresses: Facts['addresses']): string {
  return registered.host === '' ? (addresses.get(registered.node) ?? registered.node) : registered.host;
}

export function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function endedView(instance: number, facts: Facts, unsure: boolean): InstanceView {
  const ended = [...facts.jobs.values()]
    .filter((job) => job.gone && instanceOf(job, facts) === instance)
    .sort(oldestFirst)
    .at(-1);
  // What may be on its way is waited for, whatever became of the job before it.
  const attempted = facts.attempted.has(instance) && !unsure;
  const gone = ended !== undefined && attempted;
  const cause = ended === undefined ? undefined : facts.causes.get(ended.id);
  return {
    instance,
    jobId: attempted ? (ended?.id ?? null) : null,
    state: gone ? 'gone' : 'pending',
    jobState: attempted ? (ended?.fact?.state ?? null) : null,
    reason: unsure ? 'submitted, not confirmed by Slurm yet' : gone ? (cause ?? null) : noJob(ended),
    node: attempted ? ended?.fact?.node || null : null,
    url: null,
    host: null,
    port: null,
    cpus: null,
    reachable: null,
    startedAt: null,
    expiresAt: null,
    expectedStart: null,
  };
}

/** The last job's end is told where the scheduler still remembers it. */
export function noJob(ended: Believed | undefined): string {
  const { id, state, reason } = ended?.fact ?? { id: '', state: '', reason: '' };
  if (!isTerminal(state)) return 'no job';
  const why = /^(None)?$/.test(reason) ? state : `${state}, ${reason}`;
  return `no job: ${id} ended (${why})`;
}

/** Whether a pending job waits for something that no time will bring. */
export function stuck(view: InstanceView): boolean {
  return view.state === 'pending' && view.reason !== null && neverStarts(view.reason);
}
