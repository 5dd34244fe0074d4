import type { ClusterFacts } from '../fleet/cluster-facts.js';
import type { GatewayReport } from '../fleet/drain.js';
import type { Facts } from '../fleet/facts.js';
import { hostOf, instanceOf, submissionOf } from '../fleet/instance-view.js';
import type { ListAnswer } from '../fleet/job-facts.js';
import type { Slot } from '../fleet/slot.js';
import type { Spec } from '../fleet/spec.js';
import type { Scheduler } from '../scheduler/port.js';
import { registrationWatch } from '../state/registrations.js';
import type { FleetStore, SubmissionRecord } from '../state/store.js';
import { urlOf } from '../text/url.js';
import { adoptJobs } from './adopt.js';
import { baseOf, jobIdOwners } from './job-id-owners.js';
import { nodeAddresses } from './node-addresses.js';
import { type Probe, probeGateway } from './probe.js';
import { prober } from './prober.js';
import { rotationWatch } from './rotation-watch.js';
import { schedulerWatch } from './scheduler-watch.js';
import { serviceWatch } from './service-watch.js';
import { startWatch } from './start-watch.js';
import { wakeup } from './wakeup.js';

export interface FleetWatchDeps {
  scheduler: Scheduler;
  store: FleetStore;
  probe: Probe;
  now: () => number;
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  signal: AbortSignal;
  confirmGoneAfterMs: number;
  /** For node names and addresses; called once, when the first server registers. */
  cluster: () => Promise<ClusterFacts>;
  /** Called with the error when the scheduler stops answering, and with undefined when it answers again. */
  onScheduler: (words: string | undefined) => void;
  /** Called for a submission that two successful answers do not list: its sbatch never arrived. */
  onLost?: (submission: SubmissionRecord) => void;
  /** Called for a submission that Slurm lists though its sbatch gave no clear answer. */
  onArrived?: (submission: SubmissionRecord) => void;
  /** Whether findings are recorded: only the lock's holder may. */
  writes: () => boolean;
  /** The fleet's live gateways. Left out if nothing is replaced. */
  gateways?: () => Promise<readonly GatewayReport[]>;
}

export async function watchFleet(deps: FleetWatchDeps) {
  const submissions = new Map<string, SubmissionRecord>();
  const unconfirmedSince = new Map<string, number>();
  const causes = new Map<string, string>();
  const attempted = new Set<Slot>();
  const holders = jobIdOwners();
  const news = wakeup(deps.sleep);
  deps.signal.addEventListener('abort', news.notify);
  const hosts = nodeAddresses({
    cluster: deps.cluster,
    endpoints: deps.store.folders.endpoints,
    now: deps.now,
    onChange: news.notify,
  });
  const { addresses } = hosts;
  const registrations = registrationWatch(deps.store, news.notify);
  const { now, gateways = async () => [] } = deps;
  const inRotation = rotationWatch({ now, gateways, onChange: news.notify });
  const outOfService = serviceWatch();
  const starts = startWatch(now);
  let outage: string | undefined;
  let spec = await deps.store.readSpec();
  let ending: ReadonlySet<string> = new Set();

  const jobs = schedulerWatch({ ...deps, fleet: deps.store.fleet, onAnswer, onChange: news.notify });
  const canaries = prober({
    ...deps,
    probeGateway,
    onChange: news.notify,
    urlOf: (registered) => urlOf(hostOf(registered, addresses), registered.port),
  });

  for (const submission of await deps.store.readSubmissions()) {
    submissions.set(submission.id, submission);
    if (submission.jobId !== null) holders.note(submission.jobId, submission.id);
    if (!submission.closed && submission.jobId !== null) jobs.track(idsOf(submission));
  }

  async function onAnswer(answer: ListAnswer): Promise<void> {
    // Once per outage, even if the error message changes meanwhile.
    if (answer.ok === (outage !== undefined)) deps.onScheduler(answer.ok ? undefined : answer.detail);
    outage = answer.ok ? undefined : answer.detail;
    if (!answer.ok) return;
    const adopted = await adoptJobs(deps.scheduler, deps.store, answer.jobs, submissions, deps.writes());
    for (const submission of adopted.submissions) submissions.set(submission.id, submission);
    spec ??= adopted.spec;
    const seen = new Map(answer.jobs.map((job) => [job.tag.submission, baseOf(job.id)]));
    for (const job of answer.jobs) holders.note(job.id, job.tag.submission);
    for (const submission of submissions.values()) await confirm(submission, seen.get(submission.id));
  }

  /** The sbatch of a submission without an id gave no clear answer, in this run or in one that was killed. */
  async function confirm(submission: SubmissionRecord, jobId: string | undefined): Promise<void> {
    if (submission.jobId !== null) return;
    if (jobId !== undefined) {
      // Also a submission that was given up: a controller that was down may still create its jobs. They are tracked before
      // the write, so that their slots are not taken for free meanwhile.
      const found = { ...submission, jobId, closed: false };
      jobs.track(idsOf(found));
      await keep(found);
      deps.onArrived?.(found);
      return;
    }
    if (submission.closed) return;
    const since = unconfirmedSince.get(submission.id);
    if (since === undefined) unconfirmedSince.set(submission.id, deps.now());
    else if (deps.now() - since >= deps.confirmGoneAfterMs) {
      await keep({ ...submission, closed: true });
      for (const instance of submission.instances) attempted.delete(instance);
      deps.onLost?.(submission);
    }
  }

  const liveJobs = () => [...jobs.table().values()].filter(({ gone }) => !gone);

  async function keep(submission: SubmissionRecord): Promise<void> {
    submissions.set(submission.id, submission);
    if (deps.writes()) await deps.store.writeSubmission(submission);
  }

  return {
    submissions,
    causes,
    attempted,
    jobs,
    submissionOf: holders.of,
    /** The spec in the state folder, or else in the jobs' scripts. */
    spec: () => spec,
    /** Whether the scheduler has answered once: nothing is decided before that. */
    answered: () => jobs.answeredAt() !== undefined,
    /** The scheduler's words if its last answer was a failure. */
    outage: () => outage,
    liveJobs: () => liveJobs().map(({ id }) => id),
    /** Ids of live jobs whose submission is unknown, as their script could not be read. */
    unidentifiedJobs: () =>
      liveJobs()
        .filter(({ fact }) => fact !== null && !submissions.has(fact.tag.submission))
        .map(({ id }) => id),
    keptServers: ({ nodes, hash, freshFrom = 0 }: Pick<Spec, 'nodes' | 'hash' | 'freshFrom'>): number => {
      const facts = { submissions };
      const kept = liveJobs()
        .filter((job) => {
          const submission = submissionOf(job, facts);
          return submission?.hash === hash && submission.generation >= freshFrom;
        })
        .map((job) => instanceOf(job, facts))
        .filter((slot) => typeof slot === 'number' && slot < nodes);
      return new Set(kept).size;
    },
    unconfirmed: () =>
      [...submissions.values()].filter((submission) => !submission.closed && submission.jobId === null),
    /** Waits for a change, for at most this many milliseconds. */
    pause: news.pause,
    async snapshot(): Promise<Facts> {
      jobs.tick();
      const isLive = (id: string) => jobs.table().get(id)?.gone === false;
      const registered = holders.current(await registrations.snapshot(deps.now(), isLive));
      await hosts.learn([...registered.values()].filter((one) => one.state !== 'gone'));
      const live = new Map([...registered].filter(([id]) => isLive(id)));
      const nowEnding = new Set(
        [...live.values()].filter((one) => one.state === 'gone').map((one) => one.jobId),
      );
      if ([...nowEnding].some((id) => !ending.has(id))) jobs.pollSoon();
      ending = nowEnding;
      starts.update(submissions, live);
      const facts = {
        now: deps.now(),
        jobs: jobs.table(),
        submissions: new Map(
          [...submissions].filter(([, it]) => (!it.closed || it.jobId !== null) && holders.isCurrent(it)),
        ),
        registrations: registered,
        probes: canaries.tick(live),
        addresses,
        causes,
        attempted,
        keeps: false,
        inRotation: inRotation(live),
        faults: [],
      };
      return { ...facts, outOfService: outOfService(facts) };
    },
    /** Records which jobs are gone, so that no later run waits for them. */
    async closeEnded(): Promise<void> {
      const believed = jobs.table();
      for (const submission of submissions.values()) {
        if (submission.closed || submission.jobId === null) continue;
        const ended = allIdsOf(submission).filter((id) => {
          return believed.get(id)?.gone ?? submission.ended?.includes(id) === true;
        });
        const closed = !holders.isCurrent(submission) || ended.length === allIdsOf(submission).length;
        const news = closed || ended.join() !== (submission.ended ?? []).join();
        if (news || starts.takeUnsaved(submission)) await keep({ ...submission, ended, closed });
      }
    },
    wasSubmittedHere: starts.isBegun,
    submitted(submission: SubmissionRecord): void {
      submissions.set(submission.id, submission);
      starts.begin(submission.id);
      for (const instance of submission.instances) attempted.add(instance);
      if (submission.jobId !== null) {
        holders.note(submission.jobId, submission.id);
        jobs.track(idsOf(submission));
        for (const id of idsOf(submission)) causes.delete(id);
      }
      jobs.pollSoon();
    },
  };
}

export type FleetWatch = Awaited<ReturnType<typeof watchFleet>>;

function idsOf(submission: SubmissionRecord): string[] {
  return allIdsOf(submission).filter((id) => submission.ended?.includes(id) !== true);
}

function allIdsOf(submission: SubmissionRecord): string[] {
  if (submission.jobId === null) return [];
  if (submission.array === null) return [submission.jobId];
  return submission.instances.map(
    (instance) => `${submission.jobId}_${Number(instance) - submission.offset}`,
  );
}
