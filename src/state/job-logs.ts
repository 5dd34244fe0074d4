import { userInfo } from 'node:os';
import { askTwice, readIfThere } from '../files/atomic.js';
import { type PatternNames, showPattern } from '../fleet/log-pattern.js';
import { jobName } from '../fleet/names.js';
import { type Slot, slotName, slotOf } from '../fleet/slot.js';
import { parseSpecLine } from '../fleet/spec.js';
import { filesOf } from '../logs/find.js';
import { readHead } from '../logs/head.js';
import { type Registration, readRegistration } from './registrations.js';
import type { FleetStore, SubmissionRecord } from './store.js';

export interface KnownJob {
  jobId: string;
  instance: Slot;
  submission: string | null;
}

export interface JobLog {
  jobId: string;
  expected: string;
  locate(): Promise<LocatedLog | undefined>;
  registration(): Promise<Registration | undefined>;
}

interface LocatedLog {
  path: string;
  node: string | null;
}

/** Oldest first; of jobs that had the same id, since a controller lost its state, the last. */
export async function fleetJobs(store: FleetStore): Promise<KnownJob[]> {
  const jobs = new Map<string, KnownJob>();
  for (const submission of await store.readSubmissions()) {
    for (const job of jobsOf(submission)) jobs.set(job.jobId, job);
  }
  for (const name of await store.listRegistrations()) {
    const jobId = name.replace(/\.json$/, '');
    if (jobs.has(jobId)) continue;
    const registration = await readRegistration(registrationPath(store, jobId));
    if (registration === undefined) continue;
    jobs.set(jobId, { jobId, instance: slotOf(registration.instance), submission: null });
  }
  return [...jobs.values()].sort((a, b) => a.jobId.localeCompare(b.jobId, 'en', { numeric: true }));
}

export async function logOf(store: FleetStore, job: KnownJob): Promise<JobLog> {
  const path = job.submission === null ? undefined : store.folders.script(job.submission);
  const script = path === undefined ? undefined : await readIfThere(path);
  return logBy(store, job, script === undefined ? undefined : parseSpecLine(script)?.spec.output);
}

/** The same for a known log pattern, or null. */
export function logBy(
  store: FleetStore,
  { jobId, instance, submission }: KnownJob,
  output: string | undefined,
): JobLog {
  const registration = async () => {
    const told = await readRegistration(registrationPath(store, jobId));
    return submission === null || told?.submission === submission ? told : undefined;
  };
  const names = {
    jobId,
    slot: slotName(instance),
    jobName: jobName(store.fleet),
    user: userName(),
    node: null,
  };
  return {
    jobId,
    expected: output === undefined ? registrationPath(store, jobId) : showPattern(output, names),
    registration,
    locate: async () => locate(jobId, await registration(), output, names),
  };
}

async function locate(
  jobId: string,
  registered: Registration | undefined,
  output: string | undefined,
  names: PatternNames,
): Promise<LocatedLog | undefined> {
  const node = registered?.node ?? null;
  const told = registered && (await askTwice(registered.log, () => readHead(registered.log)));
  if (registered !== undefined && told !== undefined) return { path: registered.log, node };
  if (output === undefined) return undefined;
  const { paths, certain } = await filesOf(output, { ...names, node });
  const unsigned: LocatedLog[] = [];
  for (const path of paths) {
    const head = await readHead(path);
    if (head === undefined) continue;
    const log = { path, node: node ?? head.node };
    if (certain || head.jobId === jobId) return log;
    if (head.jobId === null) unsigned.push(log);
  }
  // Another job's log would be worse than none.
  return unsigned.length === 1 ? unsigned[0] : undefined;
}

function jobsOf({ id, jobId, array, instances, offset }: SubmissionRecord): KnownJob[] {
  if (jobId === null) return [];
  return instances.map((instance) => ({
    jobId: array === null ? jobId : `${jobId}_${Number(instance) - offset}`,
    instance,
    submission: id,
  }));
}

function registrationPath(store: FleetStore, jobId: string): string {
  return `${store.folders.registrations}/${jobId}.json`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}
