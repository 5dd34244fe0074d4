import { lstatSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { downCluster } from '../cluster/down.js';
import { clusterNames, ownerFile } from '../cluster/record.js';
import { MADE } from './paths.js';
import { lives, parentOf, processesNaming } from './processes.js';
import { until } from './until.js';

const PLACES = ['/tmp', '/var/tmp', '/var/lib', '/home'];
const CGROUPS = ['', 'memory', 'pids', 'cpuacct'].map((name) => join('/sys/fs/cgroup', name));

/** Takes away what is left of test runs that were killed; clusters last, whose owners may live until then. */
export async function sweepDeadRuns(): Promise<void> {
  const found = [...PLACES, ...CGROUPS].flatMap(madeBy).map(({ run }) => run);
  for (const run of new Set(found)) if (!lives(run)) await sweepRun(run, `test run ${run}, which was killed`);
  await sweepClusters();
}

/** Ends what a run started and did not end, and removes what it made outside of the clone. */
export async function sweepRun(run: string, whose = 'the tests'): Promise<void> {
  const own = <T extends { run: string }>(each: T) => each.run === run;
  const cgroups = CGROUPS.flatMap(madeBy).filter(own);
  await until(`the end of what the tests left`, () => {
    const naming = [...processesNaming(`${MADE}${run}`)].filter(([pid]) => !isBelow(pid, process.pid));
    for (const [pid, words] of naming) console.error(`left by ${whose}, and ended: ${pid} ${words}`);
    const pids = [...naming.map(([pid]) => pid), ...cgroups.flatMap(({ path }) => membersOf(path))];
    for (const pid of pids) kill(pid);
    return pids.length === 0;
  });
  for (const { path } of cgroups) for (const each of below(path)) rmdirSync(each);
  for (const { path } of PLACES.flatMap(madeBy).filter(own)) {
    await rm(path, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Clusters whose owner is dead. Each has a watchdog, which has the first chance. */
export async function sweepClusters(): Promise<void> {
  for (const name of await clusterNames()) {
    const owner = await readFile(ownerFile(name), 'utf8').catch(() => '');
    if (owner === '' || lives(owner)) continue;
    await until(`the watchdog of cluster ${name}`, () => processesNaming(`down\0${name}\0`).size === 0);
    await downCluster(name);
  }
}

/** What tests of this user made in a folder, and in which run. */
function madeBy(place: string): { path: string; run: string }[] {
  return namesIn(place).flatMap((name) => {
    const run = name.startsWith(MADE) && /^\d+\.\d+/.exec(name.slice(MADE.length))?.[0];
    const path = join(place, name);
    // Root gives some of what it makes to others.
    const own = process.getuid?.();
    const mine = own === 0 || lstatSync(path, { throwIfNoEntry: false })?.uid === own;
    return run && mine ? [{ path, run }] : [];
  });
}

/** A cgroup and all below it, the deepest first. */
function below(cgroup: string): string[] {
  const folders = namesIn(cgroup).map((name) => join(cgroup, name));
  return [...folders.filter((each) => lstatSync(each).isDirectory()).flatMap(below), cgroup];
}

function membersOf(cgroup: string): number[] {
  return below(cgroup).flatMap((each) =>
    readFileSync(join(each, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number),
  );
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Vitest's own workers, which end by themselves. */
function isBelow(pid: number, ancestor: number): boolean {
  for (let at = pid; at > 1; at = parentOf(at)) if (at === ancestor) return true;
  return false;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone in the meantime.
  }
}
