import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isThere, readIfThere, writeJson } from '../files/atomic.js';
import { endedHere } from '../files/lock-file.js';
import { isObject, parseObject } from '../text/json-object.js';
import { fleetFolders } from './folders.js';
import { turnFile } from './keeper-turn.js';

/** Where a keeper runs: on the machine of the call, as a Slurm job, or one round at a time for cron. */
export type KeeperPlace = 'here' | 'job' | 'once';

/** That a fleet is to be kept, and how (keep.json). Written by `keep` and `deploy --keep`, removed by `stop`. */
export interface KeepRequest {
  schema_version: 1;
  place: KeeperPlace;
  /** ISO time. */
  since: string;
  options: KeepOptions;
  /** The fleet ran nothing, so its keeper stopped it and ended. */
  idle?: IdleStop;
}

export interface IdleStop {
  /** ISO time. */
  since: string;
  /** How many servers the fleet had. */
  nodes: number;
  /** Where its keeper ran. */
  host: string;
}

/** The user's commands, by event. */
export interface Hooks {
  ready: string | null;
  endpoints: string | null;
  failure: string | null;
}

export interface KeepOptions {
  /** Partition of the keeper's own job; null for that of the fleet's gateway, or its servers. */
  partition: string | null;
  /** Seconds between two answers of Slurm after which a job that neither lists counts as ended. */
  settle: number;
  /** Longest wait for the runs of a server that is to end. Seconds. */
  drain: number;
  /** Seconds without a run after which the fleet is stopped; null for never. */
  idleStop: number | null;
  hooks: Hooks;
}

/** The active keeper's report about itself (keeper.json). */
export interface KeeperRecord {
  schema_version: 1;
  place: KeeperPlace;
  host: string;
  pid: number;
  /** Its Slurm job; null outside of one. */
  job_id: string | null;
  /** ISO time at which it began. */
  since: string;
  /** ISO time of the scheduler's last successful answer; null before the first. */
  looked_at: string | null;
  /** ISO time at which this file was written: a keeper rewrites it every 30 s. */
  written_at: string;
  /** Its last failure; null after a successful round. */
  problem: string | null;
}

export interface KeeperStatus {
  request: KeepRequest | null;
  record: KeeperRecord | null;
  /**
   * `none`: nobody asked for a keeper. `dead`: its process or job is gone, or its file has not been rewritten for
   * three minutes. A `once` keeper is `waiting` between its rounds. `idle`: it stopped the fleet, which ran nothing.
   */
  state: 'none' | 'alive' | 'waiting' | 'idle' | 'dead';
}

/** How often a keeper rewrites its record. Milliseconds. */
export const KEEPER_WRITES_MS = 30_000;
/** Six records missed. By the clocks of two machines, which differ by seconds: this is for a warning alone. */
const DEAD_AFTER_MS = 180_000;
/** Longer than any sensible interval of cron. */
const ONCE_DEAD_AFTER_MS = 2 * 3_600_000;

function keeperFiles(stateFolder: string, fleet: string) {
  const { folder } = fleetFolders(stateFolder, fleet);
  return {
    request: join(folder, 'keep.json'),
    record: join(folder, 'keeper.json'),
    turn: join(folder, 'turn'),
    handover: join(folder, 'handover'),
    lock: join(folder, 'keeper.lock'),
    log: join(folder, 'keeper.log'),
    hooksLog: join(folder, 'hooks.log'),
  };
}

/** The files of a kept fleet. Reads need no lock. */
export function keeperStore(stateFolder: string, fleet: string) {
  const files = keeperFiles(stateFolder, fleet);
  return {
    files,
    /** Undefined for a damaged one, too: `isRequested` tells them apart. */
    readRequest: async () => parsed<KeepRequest>(await readIfThere(files.request)),
    isRequested: () => isThere(files.request),
    writeRequest: (request: KeepRequest) => writeJson(files.request, request),
    readRecord: async () => parsed<KeeperRecord>(await readIfThere(files.record)),
    writeRecord: (record: KeeperRecord) => writeJson(files.record, record),
    removeRequest: () => rm(files.request, { force: true }),
    removeRecord: () => rm(files.record, { force: true }),
    turn: turnFile(files.turn),
    /** The file by which a keeper's next job requests the end of the one before. */
    handover: turnFile(files.handover),
  };
}

export type KeeperStore = ReturnType<typeof keeperStore>;

/** Which keeper a fleet has and whether it is alive, from files alone. `now`: milliseconds since the epoch. */
export async function keeperStatus(stateFolder: string, fleet: string, now: number): Promise<KeeperStatus> {
  const store = keeperStore(stateFolder, fleet);
  const [request = null, record = null] = await Promise.all([store.readRequest(), store.readRecord()]);
  return { request, record, state: stateOf(request, record, now) };
}

function stateOf(
  request: KeepRequest | null,
  record: KeeperRecord | null,
  now: number,
): KeeperStatus['state'] {
  if (request?.idle !== undefined && record === null) return 'idle';
  if (record === null) return request === null ? 'none' : 'dead';
  const age = now - Date.parse(record.written_at);
  if (record.place === 'once') {
    if (request === null) return 'none';
    return age < ONCE_DEAD_AFTER_MS ? 'waiting' : 'dead';
  }
  const lives = age < DEAD_AFTER_MS && !endedHere(record);
  if (lives) return 'alive';
  return request === null ? 'none' : 'dead';
}

function parsed<T extends { schema_version: 1 }>(text: string | undefined): T | undefined {
  const value = parseObject(text);
  return isObject(value) && value.schema_version === 1 ? (value as unknown as T) : undefined;
}
