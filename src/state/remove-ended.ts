import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { listIfThere } from '../files/atomic.js';
import { DAY } from '../text/duration.js';
import type { FleetStore } from './store.js';

/** Long enough to ask for the log of a job that ended last week. */
export const ENDED_AGE_MS = 7 * DAY * 1000;

/** Removes a fleet's records of jobs that ended more than a week ago. Only for the lock's holder. */
export async function removeEnded(store: FleetStore, now: number): Promise<void> {
  const records = await store.readSubmissions();
  const open = new Set(records.flatMap(({ closed, jobId }) => (closed || jobId === null ? [] : [jobId])));
  for (const { id, closed, createdAt } of records) {
    if (closed && now - Date.parse(createdAt) >= ENDED_AGE_MS)
      await rm(store.folders.submission(id), { recursive: true, force: true });
  }
  await removeKeeperScripts(store, now);
  for (const file of await store.listRegistrations()) {
    const [jobId = ''] = file.split(/[_.]/);
    if (open.has(jobId)) continue;
    const path = join(store.folders.registrations, file);
    const changed = await stat(path).catch(() => undefined);
    if (changed !== undefined && now - changed.mtimeMs >= ENDED_AGE_MS) await rm(path, { force: true });
  }
}

/** A keeper that hands over every hour writes as many scripts; Slurm has its own copy of each. */
async function removeKeeperScripts({ folders }: FleetStore, now: number): Promise<void> {
  for (const file of await listIfThere(folders.keeperScripts)) {
    const path = join(folders.keeperScripts, file);
    const changed = await stat(path).catch(() => undefined);
    if (changed !== undefined && now - changed.mtimeMs >= ENDED_AGE_MS) await rm(path, { force: true });
  }
}
