import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/settings.js';
import { messageOf, SandboxctlError } from '../errors.js';
import { isThere } from '../files/atomic.js';
import type { JobFact } from '../fleet/job-facts.js';
import { isTerminal } from '../fleet/job-table.js';
import { checkFleetName } from '../fleet/names.js';
import { type ClusterName, type Spec, slurmName } from '../fleet/spec.js';
import type { Scheduler } from '../scheduler/port.js';
import { listFleets } from '../state/fleets.js';
import { type FleetStore, fleetStore } from '../state/store.js';
import { columns } from '../text/columns.js';
import { parseDuration } from '../text/duration.js';
import { clusterIn, requestedCluster } from './cluster.js';
import type { Context } from './context.js';
import { containerLeftovers } from './gc/containers.js';
import { type Finding, isOlder } from './gc/finding.js';
import { type FleetFacts, fleetFiles, oldLogs } from './gc/fleet-files.js';
import { importLeftovers } from './gc/imports.js';
import { orphanJobs } from './gc/jobs.js';

export interface GcOptions {
  flags: Readonly<Record<string, unknown>>;
  /** Age of logs and of stopped fleets, as the user typed it. */
  olderThan?: string | undefined;
}

const DEFAULT_AGE = '30d';

/** A cluster that answered, with all of our jobs on it. */
interface Answered {
  scheduler: Scheduler;
  jobs: readonly JobFact[];
}

/** Lists leftovers that belong to no fleet any more, and removes them if the user confirms. */
export async function gc(context: Context, options: GcOptions): Promise<void> {
  const { config } = await context.config(options.flags);
  const { stdout, stderr } = context.io;
  const ageMs = ageOf(options.olderThan ?? DEFAULT_AGE) * 1000;
  const findings = await findAll(context, config, ageMs);
  for (const line of columns(findings.map(({ kind, name, why }) => [kind, name, why]))) stdout.line(line);
  if (findings.length === 0) {
    stderr.line('nothing to remove');
    return;
  }
  const count = findings.length === 1 ? '1 item' : `${findings.length} items`;
  if (!config.yes && !stdout.isTTY) {
    stderr.line(`${count} found, none removed: 'sandboxctl gc --yes' removes them`);
    return;
  }
  if (
    !config.yes &&
    !(await context.io.confirm(`Remove ${findings.length === 1 ? 'it' : `these ${count}`}?`))
  )
    return;
  await removeAll(context, findings);
}

async function removeAll({ io, signal }: Context, findings: readonly Finding[]): Promise<void> {
  const failed: string[] = [];
  for (const { name, remove } of findings) {
    signal.throwIfAborted();
    await remove().catch((error: unknown) => failed.push(`${name}: ${messageOf(error)}`));
  }
  io.stderr.line(`${findings.length - failed.length} of ${findings.length} removed`);
  if (failed.length === 0) return;
  throw new SandboxctlError('refused', {
    what: `${failed.length} of ${findings.length} could not be removed`,
    detail: failed.join('\n'),
    hint: "run 'sandboxctl gc' again",
  });
}

async function findAll(context: Context, config: Config, ageMs: number): Promise<Finding[]> {
  const { stateFolder, clock } = context;
  const now = clock.now();
  const only = context.globals.fleet === undefined ? undefined : checkFleetName(context.globals.fleet);
  const names = (await listFleets(stateFolder)).filter((name) => only === undefined || name === only);
  const specs = await Promise.all(names.map((name) => fleetStore(stateFolder, name).readSpec()));
  const { clusters, complete } = await answers(context, config, [
    ...specs.flatMap((spec) => (spec === undefined ? [] : [clusterIn(spec)])),
  ]);
  const isDeployed = async (name: string) => {
    const store = fleetStore(stateFolder, name);
    const spec = await store.readSpec();
    // A spec that cannot be read, such as a newer version's, does not mean that its servers may end.
    return spec === undefined ? isThere(store.folders.spec) : spec.nodes > 0;
  };
  const stillUnused = (name: string, remove: () => Promise<unknown>) => async () => {
    if (await isDeployed(name)) throw new Error(`fleet ${name} was deployed meanwhile`);
    await remove();
  };
  const liveFleets = new Set(
    [...clusters.values()].flatMap(({ jobs }) =>
      jobs.flatMap(({ state, tag }) => (isTerminal(state) ? [] : [tag.fleet])),
    ),
  );
  const findings: Finding[] = [];
  for (const { scheduler, jobs } of clusters.values()) {
    const asked = jobs.filter(({ tag }) => only === undefined || tag.fleet === only);
    findings.push(...(await orphanJobs(scheduler, asked, stateFolder, isDeployed)));
  }
  for (const [at, name] of names.entries()) {
    const store = fleetStore(stateFolder, name);
    const spec = specs[at];
    const jobs = spec === undefined ? undefined : clusters.get(clusterIn(spec))?.jobs;
    const live = jobs?.filter(({ state, tag }) => tag.fleet === name && !isTerminal(state));
    // Its cluster is unknown.
    const lost = complete && !liveFleets.has(name) && (await isLost(store, spec));
    const facts: FleetFacts = {
      ...{ store, spec, now, submissions: await store.readSubmissions() },
      live: live && new Set(live.map(({ id }) => id)),
    };
    const { folder } = store.folders;
    const stopped = spec?.nodes === 0 && live?.length === 0;
    if (
      (lost &&
        (await isOlder(store.folders.submissions, ageMs, now)) &&
        (await isOlder(folder, ageMs, now))) ||
      (stopped && (await isOlder(store.folders.spec, ageMs, now)))
    ) {
      findings.push(...(await oldLogs(facts, ageMs)));
      const remove = stillUnused(name, () => rm(folder, { recursive: true, force: true }));
      findings.push({
        kind: 'fleet',
        name: folder,
        why: lost ? 'it has neither a spec nor jobs' : 'it was stopped long ago',
        remove,
      });
    } else findings.push(...(await oldLogs(facts, ageMs)), ...(await fleetFiles(facts)));
  }
  if (only !== undefined) return findings;
  const [slurm] = [...clusters].flatMap(([name, { scheduler }]) => (name === 'local' ? [] : [scheduler]));
  findings.push(...(await importLeftovers(context, config.imageDir ?? join(stateFolder, 'images'), slurm)));
  const liveIds = [...clusters.values()].flatMap(({ jobs }) => jobs.map(({ id }) => id));
  if (complete) findings.push(...(await containerLeftovers(context.env, new Set(liveIds))));
  return findings;
}

/** Whether the folder is left from a fleet that has lost its spec. Other folders belong to whoever created them. */
async function isLost({ folders }: FleetStore, spec: Spec | undefined): Promise<boolean> {
  if (spec !== undefined || (await isThere(folders.spec))) return false;
  return stat(folders.submissions).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/**
 * The answers of all clusters with fleets, and of this machine. A cluster that does not answer is reported and left
 * out.
 */
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
        `warning: ${name} does not answer, so what depends on its jobs is left out: ${messageOf(error)}`,
      );
    }
  }
  return { clusters: answered, complete };
}

function ageOf(text: string): number {
  const seconds = parseDuration(text);
  if (seconds !== undefined) return seconds;
  throw new SandboxctlError('usage', {
    what: `--older-than takes a duration such as 30d or 12h, not '${text}'`,
    hint: "see 'sandboxctl gc --help'",
  });
}
