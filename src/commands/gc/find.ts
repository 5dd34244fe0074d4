import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config/settings.js';
import { messageOf, SandboxctlError } from '../../errors.js';
import { isThere } from '../../files/atomic.js';
import type { JobFact } from '../../fleet/job-facts.js';
import { isTerminal } from '../../fleet/job-table.js';
import { checkFleetName } from '../../fleet/names.js';
import { type ClusterName, type Spec, slurmName } from '../../fleet/spec.js';
import type { Scheduler } from '../../scheduler/port.js';
import { listFleets } from '../../state/fleets.js';
import { type FleetStore, fleetStore } from '../../state/store.js';
import { clusterIn, requestedCluster } from '../cluster.js';
import type { Context } from '../context.js';
import { containerLeftovers } from './containers.js';
import { type Finding, isOlder } from './finding.js';
import { fleetFiles, oldLogs } from './fleet-files.js';
import { importLeftovers } from './imports.js';
import { orphanJobs } from './jobs.js';
import { nodeContainers } from './node-containers.js';

/** A cluster that answered, with all jobs of ours on it. */
interface Answered {
  scheduler: Scheduler;
  jobs: readonly JobFact[];
}

type Clusters = ReadonlyMap<ClusterName, Answered>;

export interface Found {
  findings: Finding[];
  /** What one fleet's folder has that nothing needs, looked at again under its lock. */
  inFleet: (fleet: string) => Promise<Finding[]>;
}

export async function findLeftovers(context: Context, config: Config, ageMs: number): Promise<Found> {
  const { stateFolder } = context;
  const only = context.globals.fleet === undefined ? undefined : checkFleetName(context.globals.fleet);
  const names = (await listFleets(stateFolder)).filter((name) => only === undefined || name === only);
  const specs = await Promise.all(names.map((name) => readable(context, name)));
  const used = specs.flatMap((spec) => (spec === undefined ? [] : [clusterIn(spec)]));
  const { clusters, complete } = await answers(context, config, used);
  const known = { clusters, complete, ageMs };
  const inFleet = (fleet: string) => fleetFindings(context, fleet, known, true);
  const findings: Finding[] = [];
  for (const { scheduler, jobs } of clusters.values()) {
    const asked = jobs.filter(({ tag }) => only === undefined || tag.fleet === only);
    findings.push(...(await orphanJobs(scheduler, asked, stateFolder, (name) => isDeployed(context, name))));
  }
  for (const name of names) findings.push(...(await fleetFindings(context, name, known, false)));
  findings.push(...(await onNodes(context, names, specs, clusters)));
  if (only !== undefined) return { findings, inFleet };
  const [slurm] = [...clusters].flatMap(([name, { scheduler }]) => (name === 'local' ? [] : [scheduler]));
  findings.push(...(await importLeftovers(context, config.imageDir ?? join(stateFolder, 'images'), slurm)));
  const liveIds = [...clusters.values()].flatMap(({ jobs }) => jobs.map(({ id }) => id));
  if (complete) findings.push(...(await containerLeftovers(context.env, new Set(liveIds))));
  return { findings, inFleet };
}

async function isDeployed({ stateFolder }: Context, name: string): Promise<boolean> {
  const store = fleetStore(stateFolder, name);
  // One that cannot be read, of a newer version for example, is no sign that its servers may end.
  const spec = await store.readSpec().catch(() => undefined);
  return spec === undefined ? isThere(store.folders.spec) : spec.nodes > 0;
}

/** Undefined also for a spec that cannot be read, with a warning: nothing of its fleet is judged. */
async function readable({ stateFolder, io }: Context, name: string): Promise<Spec | undefined> {
  const store = fleetStore(stateFolder, name);
  const damage = await store.specDamage();
  const warn = (words: string) =>
    io.stderr.line(`warning: what depends on the spec of fleet ${name} is not listed: ${words}`);
  try {
    const spec = await store.readSpec();
    if (spec === undefined && damage !== undefined) warn(`${store.folders.spec} is damaged (${damage})`);
    return spec;
  } catch (error) {
    if (!(error instanceof SandboxctlError)) throw error;
    warn([error.message, error.detail].join(': '));
    return undefined;
  }
}

interface Known {
  clusters: Clusters;
  /** All clusters answered. */
  complete: boolean;
  ageMs: number;
}

async function fleetFindings(
  context: Context,
  fleet: string,
  { clusters, complete, ageMs }: Known,
  locked: boolean,
): Promise<Finding[]> {
  const store = fleetStore(context.stateFolder, fleet);
  const now = context.clock.now();
  const spec = await store.readSpec().catch(() => undefined);
  const isLive = ({ state, tag }: JobFact) => tag.fleet === fleet && !isTerminal(state);
  const live = spec && clusters.get(clusterIn(spec))?.jobs.filter(isLive);
  const facts = {
    ...{ store, spec, now, submissions: await store.readSubmissions() },
    live: live && new Set(live.map(({ id }) => id)),
  };
  const { folder, spec: specFile } = store.folders;
  // Nobody knows on which cluster it was.
  const anywhere = [...clusters.values()].some(({ jobs }) => jobs.some(isLive));
  const lost =
    complete &&
    !anywhere &&
    (await isLost(store)) &&
    (await isOlder(await recordsOf(store), ageMs, now)) &&
    // Our lock changes the folder.
    (locked || (await isOlder(folder, ageMs, now)));
  const stopped = spec?.nodes === 0 && live?.length === 0 && (await isOlder(specFile, ageMs, now));
  const found = await oldLogs(facts, ageMs);
  if (lost || stopped)
    found.push({
      ...{ kind: 'fleet', name: folder },
      why: lost ? 'it has neither a spec nor jobs' : 'it was stopped long ago',
      remove: () => rm(folder, { recursive: true, force: true }),
    });
  else found.push(...(await fleetFiles(facts)));
  return found.map((each) => ({ ...each, fleet }));
}

/** What is left of a fleet without its spec. A folder that no fleet has made is its maker's. */
async function isLost({ folders }: FleetStore): Promise<boolean> {
  if (await isThere(folders.spec)) return false;
  return isFolder(folders.submissions).then((found) => found || isFolder(folders.registrations));
}

/** What its jobs or commands wrote last. A job that outlived its fleet's folder writes its registration again. */
async function recordsOf({ folders }: FleetStore): Promise<string> {
  return (await isFolder(folders.submissions)) ? folders.submissions : folders.registrations;
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

async function onNodes(
  { stateFolder, io }: Context,
  names: readonly string[],
  specs: readonly (Spec | undefined)[],
  clusters: Clusters,
): Promise<Finding[]> {
  const fleets = names.flatMap((name, at) => {
    const spec = specs[at];
    const answered = spec === undefined ? undefined : clusters.get(clusterIn(spec));
    if (spec === undefined || answered === undefined) return [];
    return [{ store: fleetStore(stateFolder, name), spec, ...answered }];
  });
  return nodeContainers(fleets, { say: (words) => io.stderr.line(words) });
}

/** Of all clusters that fleets are on, and of this machine's. One that does not answer is reported, and left out. */
async function answers(
  context: Context,
  config: Config,
  used: readonly ClusterName[],
): Promise<{ clusters: Map<ClusterName, Answered>; complete: boolean }> {
  const here = requestedCluster(config) ?? (await context.clusters())[0] ?? 'local';
  const answered = new Map<ClusterName, Answered>();
  let complete = true;
  for (const cluster of new Set<ClusterName>([...used, 'local', here])) {
    try {
      const scheduler = await context.scheduler(cluster);
      const answer = await scheduler.list({ fleet: null });
      if (!answer.ok) throw new Error(answer.detail);
      answered.set(cluster, { scheduler, jobs: answer.jobs });
    } catch (error) {
      complete = false;
      const name = slurmName(cluster) ?? (cluster === 'local' ? 'this machine' : 'Slurm');
      context.io.stderr.line(
        `warning: ${name} does not answer, so leftovers that depend on its jobs are not listed: ${messageOf(error)}`,
      );
    }
  }
  return { clusters: answered, complete };
}
