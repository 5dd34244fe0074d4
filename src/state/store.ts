import { copyFile, open, rename, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { writeEndpoints } from '../endpoints/file.js';
import type { EndpointsFile } from '../endpoints/schema.js';
import {
  isUnwritable,
  listIfThere,
  privateFolder,
  readIfThere,
  temporaryName,
  writeAtomic,
  writeJson,
} from '../files/atomic.js';
import type { FleetEvent } from '../fleet/events.js';
import type { SubmissionFact } from '../fleet/facts.js';
import { roleOf, slotNumber, slotOf } from '../fleet/slot.js';
import type { Spec } from '../fleet/spec.js';
import { parseObject } from '../text/json-object.js';
import { reading, unusable } from './fleets.js';
import { fleetFolders } from './folders.js';
import { damageOf, keepDamaged, specOfScripts, storedSpec } from './spec-file.js';

/** A submission on disk (intent.json): written before sbatch is called, completed once sbatch has answered. */
export interface SubmissionRecord extends SubmissionFact {
  schema_version: 1;
  generation: number;
  array: string | null;
  createdAt: string;
  /** The node that it asked for: that of the gateway before it. */
  node?: string;
  /** Jobs known to be gone: Slurm forgets them while others of the submission live. */
  ended?: string[];
  closed: boolean;
}

/**
 * The only code that accesses a fleet's folder, but for readers of the endpoints file and the jobs. Throws kind
 * `config` for what cannot be read.
 */
export function fleetStore(stateFolder: string, fleet: string) {
  const folders = fleetFolders(stateFolder, fleet);
  const readSubmissions = (): Promise<SubmissionRecord[]> =>
    reading(stateFolder, async () => {
      const ids = await listIfThere(folders.submissions);
      const texts = await Promise.all(ids.map((id) => readIfThere(folders.submissionRecord(id))));
      return texts
        .flatMap((text) => parseSubmissionRecord(text) ?? [])
        .sort((a, b) => (a.id < b.id ? -1 : 1));
    });
  return {
    fleet,
    folders,
    async prepare(): Promise<void> {
      try {
        for (const folder of [stateFolder, folders.folder, folders.submissions, folders.registrations]) {
          await privateFolder(folder);
        }
      } catch (error) {
        throw unusable(stateFolder, 'written', error);
      }
    },
    /**
     * The spec in spec.json. Of a missing or damaged one, the newest in the scripts of submissions that may have jobs.
     * Throws kind `config` for one of a newer version, too.
     */
    readSpec: async (): Promise<Spec | undefined> => {
      const stored = await storedSpec(stateFolder, fleet);
      if (stored !== undefined) return stored;
      const scripts = (await readSubmissions())
        .filter(({ closed }) => !closed)
        .map(({ id }) => folders.script(id));
      return specOfScripts(scripts, fleet);
    },
    /** What is wrong with spec.json; undefined for a good or missing one. */
    specDamage: (): Promise<string | undefined> => damageOf(stateFolder, fleet),
    /** Keeps a damaged spec.json under another name, which is returned. Only for the holder of the fleet's lock. */
    keepDamagedSpec: (): Promise<string> => keepDamaged(folders.spec),
    writeSpec: (spec: Spec) => writeJson(folders.spec, spec),
    readSubmissions,
    async writeSubmission(record: SubmissionRecord): Promise<void> {
      await privateFolder(folders.submission(record.id));
      await writeJson(folders.submissionRecord(record.id), recordToJson(record));
    },
    async writeScript(id: string, script: string): Promise<void> {
      await privateFolder(folders.submission(id));
      await writeAtomic(folders.script(id), script);
    },
    writeEnvironment: (hash: string, text: string) => writeAtomic(folders.environment(hash), text),
    async writeKeeperScript(id: string, script: string): Promise<void> {
      await privateFolder(join(folders.folder, 'keepers'));
      await writeAtomic(folders.keeperScript(id), script);
    },
    writeTemplate: (digest: string, text: string) => writeAtomic(folders.template(digest), text),
    async appendEvents(events: readonly FleetEvent[]): Promise<void> {
      await rotate(folders.events);
      const lines = events.map((event) => `${JSON.stringify(event)}\n`);
      const file = await open(folders.events, 'a', 0o600);
      try {
        const { size } = await file.stat();
        await file.writeFile(lines.join('')).catch(async (error: unknown) => {
          // The next event would continue an incomplete line.
          await file.truncate(size).catch(() => undefined);
          throw error;
        });
      } finally {
        await file.close();
      }
    },
    writeEndpoints: (file: EndpointsFile) => writeEndpoints(folders.endpoints, file),
    removeEndpoints: () => rm(folders.endpoints, { force: true }),
    /** Names of registration files: a listing, since NFS remembers for a while that a name was missing. */
    listRegistrations: async () =>
      (await listIfThere(folders.registrations)).filter((name) => /^[^.].*\.json$/.test(name)),
    listGateways: async () =>
      (await listIfThere(folders.gateways)).filter((name) => /^[^.].*\.json$/.test(name)),
    async writeGateway(id: string, registration: unknown): Promise<void> {
      await privateFolder(folders.gateways);
      await writeJson(`${folders.gateways}/${id}.json`, registration);
    },
    removeGateway: (id: string) => rm(`${folders.gateways}/${id}.json`, { force: true }),
    removeRegistration: (jobId: string) => rm(`${folders.registrations}/${jobId}.json`, { force: true }),
  };
}

/** Size of a part of the history: about ten thousand events. Two parts are kept. Bytes. */
const EVENTS_BYTES = 4 * 2 ** 20;

/** The copy is complete before the file is emptied, so readers that follow it miss nothing (src/logs/follow.ts). */
async function rotate(path: string): Promise<void> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size < EVENTS_BYTES) return;
  const copy = temporaryName(`${path}.1`);
  try {
    await copyFile(path, copy);
    await rename(copy, `${path}.1`);
    await truncate(path);
  } catch (error) {
    // A full disk: the file grows for now.
    if (!isUnwritable(error)) throw error;
    await rm(copy, { force: true });
  }
}

export type FleetStore = ReturnType<typeof fleetStore>;

/** The same store for a full or read-only disk: failed writes are reported, not thrown. */
export function bestEffortStore(store: FleetStore, onUnwritten: (error: unknown) => void): FleetStore {
  const forgiving =
    <A extends unknown[]>(write: (...args: A) => Promise<void>) =>
    (...args: A) =>
      write(...args).catch((error: unknown) => {
        if (!isUnwritable(error)) throw error;
        onUnwritten(error);
      });
  return {
    ...store,
    prepare: forgiving(store.prepare),
    writeSpec: forgiving(store.writeSpec),
    writeScript: forgiving(store.writeScript),
    writeSubmission: forgiving(store.writeSubmission),
    appendEvents: forgiving(store.appendEvents),
    writeEndpoints: forgiving(store.writeEndpoints),
    removeEndpoints: forgiving(store.removeEndpoints),
  };
}

function recordToJson({ instances, ...record }: SubmissionRecord) {
  return { ...record, role: roleOf(instances[0] ?? 0), instances: instances.map(slotNumber) };
}

/** Undefined for a damaged record, which is rebuilt from the jobs' scripts like a deleted one. */
function parseSubmissionRecord(text: string | undefined): SubmissionRecord | undefined {
  const { role: _, ...record } = parseObject(text) ?? {};
  const { id, instances } = record;
  if (typeof id !== 'string' || !Array.isArray(instances) || !('jobId' in record)) return undefined;
  return { ...(record as unknown as SubmissionRecord), instances: (instances as number[]).map(slotOf) };
}
