import type { ClusterFacts } from '../fleet/cluster-facts.js';
import type { Facts, Registered } from '../fleet/facts.js';
import type { ListAnswer } from '../fleet/job-facts.js';
import { hostOf, urlOf } from '../fleet/view.js';
import type { Scheduler } from '../scheduler/port.js';
import { registrationWatch } from '../state/registrations.js';
import type { FleetStore, Intent } from '../state/store.js';
import { adoptJobs } from './adopt.js';
import { bell } from './bell.js';
import { baseOf, jobHolders } from './job-holders.js';
import { type Probe, probeGateway } from './probe.js';
import { prober } from './prober.js';
import { schedulerWatch } from './scheduler-watch.js';

export interface FleetWatchDeps {
  scheduler: Scheduler;
  store: FleetStore;
  probe: Probe;
  now: () => number;
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  signal: AbortSignal;
  settleMs: number;
  /** Where node names and addresses come from; asked once, when the first server registers. */
  cluster: () => Promise<ClusterFacts>;
  /** Called when the scheduler stops or starts answering: its words, or undefined when it answers again. */
  onScheduler: (words: string | undefined) => void;
  /** Called for an intent that two good answers do not know: its sbatch never arrived. */
  onLost?: (intent: Intent) => void;
  /** Whether what is learned is written down: only the lock's holder may. */
  writes: () => boolean;
}

/** Everything that is known of one fleet, gathered from its three clocks: scheduler, registrations, canaries. */
export async function watchFleet(deps: FleetWatchDeps) {
  const intents = new Map<string, Intent>();
  const unconfirmedSince = new Map<string, number>();
  const causes = new Map<string, string>();
  const attempted = new Set<number>();
  const addresses = new Map<string, string>();
  const holders = jobHolders();
  const news = bell(deps.sleep);
  deps.signal.addEventListener('abort', news.ring);
  const registrations = registrationWatch(deps.store, news.ring);
  let failing = false;
  let spec = await deps.store.readSpec();
  let ending: ReadonlySet<string> = new Set();

  const jobs = schedulerWatch({ ...deps, fleet: deps.store.fleet, onAnswer, onNews: news.ring });
  const canaries = prober({
    ...deps,
    probeGateway,
    onNews: news.ring,
    urlOf: (registered) => urlOf(hostOf(registered, addresses), registered.port),
  });

  for (const intent of await deps.store.readIntents()) {
    intents.set(intent.id, intent);
    if (intent.jobId !== null) holders.note(intent.jobId, intent.id);
    if (!intent.closed && intent.jobId !== null) jobs.expect(idsOf(intent));
  }

  async function onAnswer(answer: ListAnswer): Promise<void> {
    // Once for each time that it stays away, though its words change while it does.
    if (answer.ok === failing) deps.onScheduler(answer.ok ? undefined : answer.words);
    failing = !answer.ok;
    if (!answer.ok) return;
    const adopted = await adoptJobs(deps.scheduler, deps.store, answer.jobs, intents, deps.writes());
    for (const intent of adopted.intents) intents.set(intent.id, intent);
    spec ??= adopted.spec;
    const seen = new Map(answer.jobs.map((job) => [job.tag.submission, baseOf(job.id)]));
    for (const job of answer.jobs) holders.note(job.id, job.tag.submission);
    for (const intent of intents.values()) await confirm(intent, seen.get(intent.id));
  }

  /** An intent without an id is one whose sbatch gave no clear answer, in this run or in one that was killed. */
  async function confirm(intent: Intent, jobId: string | undefined): Promise<void> {
    if (intent.jobId !== null) return;
    if (jobId !== undefined) {
      // Also one that was given up: a controller that was away may still create its jobs. They are believed at
      // once: while this is written, nobody may take the slot for one whose job before was its last.
      const found = { ...intent, jobId, closed: false };
      jobs.expect(idsOf(found));
      await keep(found);
      return;
    }
    if (intent.closed) return;
    const since = unconfirmedSince.get(intent.id);
    if (since === undefined) unconfirmedSince.set(intent.id, deps.now());
    else if (deps.now() - since >= deps.settleMs) {
      await keep({ ...intent, closed: true });
      for (const instance of intent.instances) attempted.delete(instance);
      deps.onLost?.(intent);
    }
  }

  async function keep(intent: Intent): Promise<void> {
    intents.set(intent.id, intent);
    if (deps.writes()) await deps.store.writeIntent(intent);
  }

  async function learnAddresses(registered: Iterable<Registered>): Promise<void> {
    const unknown = [...registered].some((one) => one.host === '' && !addresses.has(one.node));
    if (!unknown) return;
    const cluster = await deps.cluster().catch(() => undefined);
    for (const node of cluster?.nodes ?? []) addresses.set(node.name, node.address);
    for (const one of registered) if (!addresses.has(one.node)) addresses.set(one.node, one.node);
  }

  return {
    intents,
    causes,
    attempted,
    jobs,
    /** The submission of a job; null where nobody knows. */
    submissionOf: holders.of,
    /** What the state folder says was asked for, or else what the jobs' own scripts say. */
    spec: () => spec,
    /** Confirmed facts only: nothing is decided before the scheduler has answered once. */
    answered: () => jobs.answeredAt() !== undefined,
    unconfirmed: () => [...intents.values()].filter((intent) => !intent.closed && intent.jobId === null),
    /** Waits for something new to look at, at most so many milliseconds. */
    pause: news.pause,
    async look(): Promise<Facts> {
      jobs.tick();
      const isLive = (id: string) => jobs.belief().get(id)?.gone === false;
      const registered = holders.current(await registrations.look(deps.now(), isLive));
      await learnAddresses([...registered.values()].filter((one) => one.state !== 'gone'));
      const live = new Map([...registered].filter(([id]) => isLive(id)));
      const nowEnding = new Set(
        [...live.values()].filter((one) => one.state === 'gone').map((one) => one.jobId),
      );
      if ([...nowEnding].some((id) => !ending.has(id))) jobs.hurry();
      ending = nowEnding;
      return {
        now: deps.now(),
        jobs: jobs.belief(),
        submissions: new Map(
          [...intents].filter(([, it]) => (!it.closed || it.jobId !== null) && holders.isCurrent(it)),
        ),
        registrations: registered,
        probes: canaries.tick(live),
        addresses,
        causes,
        attempted,
      };
    },
    /** Writes down which jobs are gone, so that no later run waits for them. */
    async closeEnded(): Promise<void> {
      const believed = jobs.belief();
      for (const intent of intents.values()) {
        if (intent.closed || intent.jobId === null) continue;
        const ended = allIdsOf(intent).filter((id) => {
          return believed.get(id)?.gone ?? intent.ended?.includes(id) === true;
        });
        const closed = !holders.isCurrent(intent) || ended.length === allIdsOf(intent).length;
        if (closed || ended.join() !== (intent.ended ?? []).join()) await keep({ ...intent, ended, closed });
      }
    },
    /** Records a submission of this run. */
    submitted(intent: Intent): void {
      intents.set(intent.id, intent);
      for (const instance of intent.instances) attempted.add(instance);
      if (intent.jobId !== null) {
        holders.note(intent.jobId, intent.id);
        jobs.expect(idsOf(intent));
        for (const id of idsOf(intent)) causes.delete(id);
      }
      jobs.hurry();
    },
  };
}

export type FleetWatch = Awaited<ReturnType<typeof watchFleet>>;

/** Those of a submission's jobs that may be there. */
function idsOf(intent: Intent): string[] {
  return allIdsOf(intent).filter((id) => intent.ended?.includes(id) !== true);
}

/** The job ids of a submission, as `squeue -r` prints them. */
function allIdsOf(intent: Intent): string[] {
  if (intent.jobId === null) return [];
  if (intent.array === null) return [intent.jobId];
  return intent.instances.map((instance) => `${intent.jobId}_${instance - intent.offset}`);
}
