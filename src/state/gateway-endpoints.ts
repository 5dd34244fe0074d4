import { readEndpoints } from '../endpoints/file.js';
import type { Endpoint, EndpointsFile } from '../endpoints/schema.js';
import { selectEndpoints } from '../endpoints/select.js';
import { messageOf } from '../errors.js';
import type { Registered } from '../fleet/facts.js';
import type { InstanceState } from '../fleet/instance.js';
import { urlOf } from '../text/url.js';
import { registrationWatch } from './registrations.js';
import type { FleetStore } from './store.js';

export interface UsableEndpoint {
  url: string;
  limit: number | null;
  nonce: string | null;
  secret?: string | undefined;
  node: string | null;
  jobId: string | null;
}

const POLL_MS = 1_000;
const USABLE: readonly InstanceState[] = ['ready', 'unhealthy'];

/** By the endpoints file, and by the jobs' registrations, which are newer while no command updates the file. */
function usableEndpoints(
  file: EndpointsFile | undefined,
  registrations: ReadonlyMap<string, Registered>,
  now: number,
): UsableEndpoint[] {
  const listed = file === undefined ? [] : selectEndpoints(file, { now, all: true, direct: true }).endpoints;
  const byJob = new Map(listed.map((endpoint) => [endpoint.job_id, endpoint]));
  const hosts = new Map(listed.map(({ node, host }) => [node, host]));
  const ending = new Set((file?.draining ?? []).map(({ job_id }) => job_id));
  const told = [...registrations.values()].flatMap((registered) => {
    const known = byJob.get(registered.jobId);
    if (ending.has(registered.jobId)) return [];
    if (known !== undefined && ['draining', 'gone'].includes(known.state)) return [];
    return works(registered) ? [byRegistration(registered, known, hosts)] : [];
  });
  const untold = listed.filter(({ job_id, state, url }) => {
    return url !== null && USABLE.includes(state) && (job_id === null || !registrations.has(job_id));
  });
  return [...told, ...untold.map(byFile)];
}

function works({ instance, state, stale, port }: Registered): boolean {
  return instance !== 'gateway' && USABLE.includes(state) && !stale && port !== 0;
}

function byRegistration(
  { jobId, node, host, port, nonce, secret, cpus }: Registered,
  known: Endpoint | undefined,
  hosts: ReadonlyMap<string | null, string | null>,
): UsableEndpoint {
  // Slurm is not called: the addresses of nodes come from the file, or their names are used.
  const at = known?.host ?? (host === '' ? (hosts.get(node) ?? node) : host);
  return { url: urlOf(at, port), limit: cpus > 0 ? cpus : null, nonce, secret, node, jobId };
}

function byFile({ url, cpus, node, job_id }: Endpoint): UsableEndpoint {
  return { url: url ?? '', limit: cpus, nonce: null, node, jobId: job_id };
}

/** By the endpoints file, and by registrations of jobs near their time limit. */
function drainingJobs(
  file: EndpointsFile | undefined,
  registrations: ReadonlyMap<string, Registered>,
): string[] {
  const listed = (file?.draining ?? []).map(({ job_id }) => job_id);
  const reported = [...registrations.values()].filter(({ state, stale }) => state === 'draining' && !stale);
  return [...new Set([...listed, ...reported.map(({ jobId }) => jobId)])].sort();
}

/** Yields again at every change, until `signal` fires. A read that fails changes nothing and is reported once. */
export async function* watchUsableEndpoints(deps: {
  store: FleetStore;
  now: () => number;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  signal: AbortSignal;
  /** Called with the jobs whose servers drain, once the consumer has taken a list without them. */
  onDraining: (jobIds: readonly string[]) => void;
  onFailure: (words: string) => void;
}): AsyncGenerator<UsableEndpoint[]> {
  const { store, now, signal } = deps;
  const registrations = registrationWatch(store, () => undefined);
  let told = '';
  let failure = '';
  while (!signal.aborted) {
    try {
      const file = await readEndpoints(store.folders.endpoints);
      const registered = await registrations.snapshot(now(), () => true);
      const found = usableEndpoints(file, registered, now());
      failure = '';
      const text = JSON.stringify(found);
      if (text !== told) yield found;
      told = text;
      deps.onDraining(drainingJobs(file, registered));
    } catch (error) {
      if (messageOf(error) !== failure) deps.onFailure(messageOf(error));
      failure = messageOf(error);
    }
    await deps.sleep(POLL_MS, signal);
  }
}
