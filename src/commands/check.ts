import { fleetStore } from '../control/store.js';
import { buildEndpoints, readEndpoints, writeEndpoints } from '../endpoints/file.js';
import type { EndpointsFile } from '../endpoints/schema.js';
import { acquireLock } from '../files/lock.js';
import type { Context } from './context.js';
import { look } from './look.js';

/**
 * The endpoints of a fleet as Slurm and the servers say now. The file is brought up to date too, unless
 * somebody works on the fleet, who does that anyway. Undefined where nothing is deployed under the name.
 */
export async function checkEndpoints(context: Context, fleet: string): Promise<EndpointsFile | undefined> {
  const { config } = await context.config({});
  const [seen] = await look(context, config, fleet);
  if (seen === undefined || seen.spec === null) return undefined;
  const store = fleetStore(context.stateFolder, fleet);
  const now = new Date(context.clock.now()).toISOString();
  // A garbled file is what --check mends.
  const before = await readEndpoints(store.folders.endpoints).catch(() => undefined);
  const file = buildEndpoints(seen.spec, seen.instances, now, before);
  await store.prepare();
  const lock = await acquireLock(store.folders.lock, { purpose: 'endpoints --check', onHeld: () => false });
  if (lock !== undefined) {
    await writeEndpoints(store.folders.endpoints, file);
    await lock.release();
  }
  return file;
}
