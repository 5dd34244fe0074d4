import { urlOf } from '../text/url.js';
import type { Facts, Probed, Registered, SubmissionFact } from './facts.js';
import type { InstanceState, InstanceView } from './instance.js';
import { isTerminal, pausedReason, type TrackedJob } from './job-table.js';
import type { Slot } from './slot.js';

export function instanceOf(job: TrackedJob, facts: Pick<Facts, 'submissions'>): Slot | undefined {
  const submission = submissionOf(job, facts);
  if (submission === undefined) return undefined;
  const task = /_(\d+)$/.exec(job.id)?.[1];
  return task === undefined ? submission.instances[0] : Number(task) + submission.offset;
}

export function submissionOf(job: TrackedJob, facts: Pick<Facts, 'submissions'>): SubmissionFact | undefined {
  if (job.fact !== null) return facts.submissions.get(job.fact.tag.submission);
  const arrayId = job.id.split('_')[0];
  return [...facts.submissions.values()].find((submission) => submission.jobId === arrayId);
}

export function oldestFirst(a: TrackedJob, b: TrackedJob): number {
  return a.id.localeCompare(b.id, 'en', { numeric: true });
}

export function viewOf(instance: Slot, job: TrackedJob, facts: Facts): InstanceView {
  const { fact } = job;
  const registration = facts.registrations.get(job.id);
  const probed = facts.probes.get(job.id);
  const state = stateOf(job, registration, probed);
  // A pending job's registration is from an earlier run.
  const registered = state === 'pending' ? undefined : registration;
  const running = fact !== null && fact.node !== '' && fact.state !== 'PENDING';
  const node = registered?.node ?? (running ? fact.node : null);
  const host = registered !== undefined ? hostOf(registered, facts.addresses) : null;
  return {
    instance,
    jobId: job.id,
    state,
    jobState: fact?.state ?? null,
    reason: reasonOf(state, job, registration, probed),
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
 * Ready needs a successful health check: ours from here or, if the server is out of reach, the job's own over
 * loopback while its registration is refreshed. A refreshed registration also proves that the job runs, however old
 * the last squeue answer is.
 */
function stateOf(
  job: TrackedJob,
  registered: Registered | undefined,
  probed: Probed | undefined,
): InstanceState {
  const word = job.fact?.state ?? 'PENDING';
  // An administrator requeued it: the registration is from the run before.
  if (job.fact?.state === 'PENDING' && registered?.state === 'gone') return 'pending';
  if (word === 'COMPLETING') return 'draining';
  if (pausedReason(word) !== undefined && (probed?.provenAt ?? 0) <= job.seenAt) return 'unhealthy';
  if (registered === undefined) return word === 'RUNNING' ? 'starting' : 'pending';
  if (registered.state === 'gone' || registered.state === 'draining') return 'draining';
  if (probed?.reachable === true) return 'ready';
  // It was requeued: the registration is from a run that was killed before it could remove it.
  if (word === 'PENDING' && registered.unrefreshed) return 'pending';
  if (registered.state === 'unhealthy' || registered.stale) return 'unhealthy';
  if (registered.state !== 'ready' || probed?.reachable !== false) return 'starting';
  return registered.unrefreshed || probed.silent === true ? 'unhealthy' : 'ready';
}

function reasonOf(
  state: InstanceState,
  job: TrackedJob,
  registration: Registered | undefined,
  probed: Probed | undefined,
): string | null {
  if (state === 'draining' && registration?.state === 'draining') return 'its time limit is near';
  if (state === 'pending') return job.fact?.reason || job.fact?.state || 'submitted';
  if (state === 'ready' && probed?.reachable === false) return `unreachable from here: ${probed.reason}`;
  if (state === 'unhealthy')
    return pausedReason(job.fact?.state ?? '') ?? (probed?.reason || 'its own canary fails');
  return null;
}

/** The host that the job was configured with, else the node's address in Slurm. */
export function hostOf(registered: Registered, addresses: Facts['addresses']): string {
  return registered.host === '' ? (addresses.get(registered.node) ?? registered.node) : registered.host;
}

export function endedView(instance: Slot, facts: Facts, unsure: boolean): InstanceView {
  const ended = [...facts.jobs.values()]
    .filter((job) => job.gone && instanceOf(job, facts) === instance)
    .sort(oldestFirst)
    .at(-1);
  // A submission that may still arrive is waited for, even if the job before it has failed.
  const attempted = facts.attempted.has(instance) && !unsure;
  const gone = ended !== undefined && attempted;
  const cause = ended === undefined ? undefined : facts.causes.get(ended.id);
  return {
    instance,
    jobId: attempted ? (ended?.id ?? null) : null,
    state: gone ? 'gone' : 'pending',
    jobState: attempted ? (ended?.fact?.state ?? null) : null,
    reason: unsure ? 'submitted, not confirmed by Slurm yet' : gone ? (cause ?? null) : noJobReason(ended),
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

export function noJobReason(ended: TrackedJob | undefined): string {
  const { id, state, reason } = ended?.fact ?? { id: '', state: '', reason: '' };
  if (!isTerminal(state)) return 'no job';
  const why = /^(None)?$/.test(reason) ? state : `${state}, ${reason}`;
  return `no job: ${id} ended (${why})`;
}
