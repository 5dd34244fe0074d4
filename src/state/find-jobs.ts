import { messageOf, SandboxctlError } from '../errors.js';
import { readIfThere } from '../files/atomic.js';
import { slotName, slotOf } from '../fleet/slot.js';
import { type ClusterName, parseSpecLine } from '../fleet/spec.js';
import type { Scheduler } from '../scheduler/port.js';
import { chooseFleet, type FleetChoice, namedFleet } from './choose-fleet.js';
import { listFleets } from './fleets.js';
import { fleetJobs, type JobLog, type KnownJob, logBy, logOf } from './job-logs.js';
import { type FleetStore, fleetStore } from './store.js';

export interface JobFinder extends FleetChoice {
  scheduler(cluster: ClusterName): Promise<Scheduler>;
  clusters(): Promise<ClusterName[]>;
}

export interface FoundJobs {
  fleet: string;
  jobs: JobLog[];
}

interface Known {
  store: FleetStore;
  jobs: KnownJob[];
}

/**
 * `2`: the newest job of that instance; else `123_2`: one job, `123`: one or all of an array. Jobs unknown to the
 * state folder are looked up in the scheduler. Throws kind `usage` or `absent`.
 */
export async function findJobs(finder: JobFinder, word: string): Promise<FoundJobs> {
  if (!/^(\d{1,10}(_\d{1,10})?|gateway)$/.test(word)) {
    throw new SandboxctlError('usage', {
      what: `'${word}' is neither a job's id nor an instance's number`,
      detail: 'a job id is 123 or 123_4, an instance is 0 and up, or gateway',
      hint: "'sandboxctl status' shows both",
    });
  }
  const stores = (await listFleets(finder.stateFolder)).map((fleet) => fleetStore(finder.stateFolder, fleet));
  const known = await Promise.all(stores.map(async (store) => ({ store, jobs: await fleetJobs(store) })));
  // An instance first: on this machine jobs are numbered from 1, as instances are from 0.
  const found = (await byInstance(finder, known, word)) ?? (await byJobId(finder, known, word));
  if (found !== undefined) {
    return {
      fleet: found.store.fleet,
      jobs: await Promise.all(found.jobs.map((job) => logOf(found.store, job))),
    };
  }
  const asked = await bySchedulers(finder, word);
  if (typeof asked !== 'string') return asked;
  throw new SandboxctlError('absent', {
    what: `no job and no instance ${word} is known`,
    detail: `looked in ${finder.stateFolder}/fleets (${stores.map(({ fleet }) => fleet).join(', ') || 'no fleet'}): ${asked}`,
    hint: "'sandboxctl status' shows jobs and instances; SANDBOXCTL_STATE_DIR names another state folder",
  });
}

/** Two clusters may use the same number, and a controller that lost its state reuses it: the last job is meant. */
async function byJobId(finder: JobFinder, known: readonly Known[], word: string): Promise<Known | undefined> {
  const found = known
    .map(({ store, jobs }) => ({ store, jobs: jobs.filter(({ jobId }) => names(word, jobId)) }))
    .filter(({ jobs }) => jobs.length > 0);
  if (found.length < 2) return found[0];
  const places = await Promise.all(
    found.map(async ({ store }) => (await store.readSpec().catch(() => undefined))?.job.cluster),
  );
  if (namedFleet(finder) === undefined && new Set(places).size === 1) return lastOf(found);
  const fleet = await chooseFleet(finder);
  return found.find(({ store }) => store.fleet === fleet);
}

function lastOf(found: readonly Known[]): Known | undefined {
  const last = ({ jobs }: Known) =>
    jobs
      .map(({ submission }) => submission ?? '')
      .sort()
      .at(-1) ?? '';
  return [...found].sort((a, b) => (last(a) < last(b) ? -1 : 1)).at(-1);
}

function names(word: string, jobId: string): boolean {
  return jobId === word || jobId.split('_')[0] === word;
}

async function byInstance(
  finder: JobFinder,
  known: readonly Known[],
  word: string,
): Promise<Known | undefined> {
  const newest = known.flatMap(({ store, jobs }) => {
    const job = jobs.filter(({ instance }) => slotName(instance) === word).at(-1);
    return job === undefined ? [] : [{ store, jobs: [job] }];
  });
  if (newest.length === 0) return undefined;
  const fleet = await chooseFleet(finder);
  return newest.find(({ store }) => store.fleet === fleet);
}

/** For a deleted state folder: by the jobs and their scripts. */
async function bySchedulers(finder: JobFinder, word: string): Promise<FoundJobs | string> {
  let words = '';
  for (const cluster of await finder.clusters()) {
    const found = await byScheduler(finder, cluster, word);
    if (typeof found !== 'string') return found;
    words ||= found;
  }
  return words;
}

async function byScheduler(
  finder: JobFinder,
  cluster: ClusterName,
  word: string,
): Promise<FoundJobs | string> {
  try {
    const scheduler = await finder.scheduler(cluster);
    const answer = await scheduler.list({ fleet: null });
    if (!answer.ok) return answer.detail;
    const facts = answer.jobs.filter(({ id }) => names(word, id));
    const [first] = facts;
    if (first === undefined) {
      return `and ${cluster === 'local' ? 'this machine' : 'Slurm'} knows no such job of sandboxctl`;
    }
    const store = fleetStore(finder.stateFolder, first.tag.fleet);
    const script = (await readIfThere(first.script)) ?? (await scheduler.script(first.id));
    const carried = script === undefined ? undefined : parseSpecLine(script);
    const offset = carried?.submission.offset ?? 0;
    const jobs = facts.map(({ id, task, tag: { submission } }) =>
      logBy(store, { jobId: id, instance: slotOf((task ?? 0) + offset), submission }, carried?.spec.output),
    );
    return { fleet: store.fleet, jobs };
  } catch (error) {
    return messageOf(error);
  }
}
