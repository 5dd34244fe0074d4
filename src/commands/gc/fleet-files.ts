import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { listIfThere, readIfThere } from '../../files/atomic.js';
import { endedHere } from '../../files/lock-file.js';
import type { Spec } from '../../fleet/spec.js';
import { readRegistration } from '../../state/registrations.js';
import { ENDED_AGE_MS } from '../../state/remove-ended.js';
import type { FleetStore, SubmissionRecord } from '../../state/store.js';
import { HOUR } from '../../text/duration.js';
import { parseObject } from '../../text/json-object.js';
import { type Finding, isOlder } from './finding.js';

/** A live job or gateway rewrites its file every few seconds. */
const DEAD_AFTER_MS = HOUR * 1000;
/** No write takes this long. */
const TEMPORARY_AGE_MS = HOUR * 1000;

export interface FleetFacts {
  store: FleetStore;
  spec: Spec | undefined;
  submissions: readonly SubmissionRecord[];
  /** Ids of its live jobs; undefined if the scheduler did not answer. */
  live: ReadonlySet<string> | undefined;
  now: number;
}

export async function fleetFiles(facts: FleetFacts): Promise<Finding[]> {
  const found = await Promise.all([
    registrations(facts),
    submissions(facts),
    unusedByHash(facts),
    gateways(facts),
    temporaries(facts),
  ]);
  return found.flat();
}

const removing = (path: string) => () => rm(path, { recursive: true, force: true });

async function registrations({ store, live, now }: FleetFacts): Promise<Finding[]> {
  if (live === undefined) return [];
  const findings: Finding[] = [];
  for (const file of await store.listRegistrations()) {
    const name = join(store.folders.registrations, file);
    const jobId = file.replace(/\.json$/, '');
    if (live.has(jobId) || !(await isOlder(name, DEAD_AFTER_MS, now))) continue;
    findings.push({ kind: 'registration', name, why: `job ${jobId} has ended`, remove: removing(name) });
  }
  return findings;
}

async function submissions({ store, submissions: records, now }: FleetFacts): Promise<Finding[]> {
  return records
    .filter(({ closed, createdAt }) => closed && now - Date.parse(createdAt) >= ENDED_AGE_MS)
    .map(({ id }) => {
      const name = store.folders.submission(id);
      return { kind: 'submission', name, why: 'all of its jobs have ended', remove: removing(name) };
    });
}

/**
 * Secrets and templates, which are named by the hash of the spec that uses them. Running jobs have read theirs
 * already.
 */
async function unusedByHash({ store, spec, submissions: records, now }: FleetFacts): Promise<Finding[]> {
  const inUse = new Set([spec?.hash, ...records.flatMap(({ closed, hash }) => (closed ? [] : [hash]))]);
  const { folder } = store.folders;
  const findings: Finding[] = [];
  for (const file of await listIfThere(folder)) {
    const [, secretOf] = /^environment-(\w+)\.sh$/.exec(file) ?? [];
    const [, templateOf] = /^template-(\w+)\.hbs$/.exec(file) ?? [];
    const unused =
      (secretOf !== undefined && !inUse.has(secretOf)) ||
      (templateOf !== undefined && templateOf !== spec?.job.template);
    const name = join(folder, file);
    if (!unused || !(await isOlder(name, DEAD_AFTER_MS, now))) continue;
    const kind = secretOf === undefined ? 'template' : 'secret';
    findings.push({ kind, name, why: 'no job needs it', remove: removing(name) });
  }
  return findings;
}

async function gateways({ store, now }: FleetFacts): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const file of await store.listGateways()) {
    const name = join(store.folders.gateways, file);
    const { host, pid } = parseObject(await readIfThere(name)) ?? {};
    const dead = typeof host === 'string' && typeof pid === 'number' && endedHere({ host, pid });
    if (!dead && !(await isOlder(name, DEAD_AFTER_MS, now))) continue;
    findings.push({ kind: 'gateway', name, why: 'it has ended', remove: removing(name) });
  }
  return findings;
}

async function temporaries({ store, now }: FleetFacts): Promise<Finding[]> {
  const { folder, registrations, gateways: gatewayFolder } = store.folders;
  const findings: Finding[] = [];
  for (const place of [folder, registrations, gatewayFolder]) {
    for (const file of await listIfThere(place)) {
      const name = join(place, file);
      if (!/^\..+\.(tmp|end)$/.test(file) || !(await isOlder(name, TEMPORARY_AGE_MS, now))) continue;
      findings.push({ kind: 'temporary file', name, why: 'its writer was killed', remove: removing(name) });
    }
  }
  return findings;
}

/** Logs of jobs that ended, and the rotated ones of keeper and hooks. */
export async function oldLogs({ store, live, now }: FleetFacts, ageMs: number): Promise<Finding[]> {
  const { folder } = store.folders;
  const names = ['keeper.log.1', 'hooks.log.1', 'events.ndjson.1'].map((file) => join(folder, file));
  for (const file of live === undefined ? [] : await store.listRegistrations()) {
    if (live?.has(file.replace(/\.json$/, ''))) continue;
    const registration = await readRegistration(join(store.folders.registrations, file));
    if (registration?.log) names.push(...['', '.1', '.old'].map((end) => `${registration.log}${end}`));
  }
  const old = await Promise.all(names.map((name) => isOlder(name, ageMs, now)));
  return names
    .filter((_, at) => old[at])
    .map((name) => ({ kind: 'log', name, why: 'not written to for a long time', remove: removing(name) }));
}
