import { buildEndpoints, readEndpoints } from '../../endpoints/file.js';
import type { EndpointsFile } from '../../endpoints/schema.js';
import { messageOf } from '../../errors.js';
import { isUnwritable } from '../../files/atomic.js';
import { acquireLock } from '../../files/lock.js';
import { endingServers } from '../../fleet/decide.js';
import { fleetStore } from '../../state/store.js';
import type { Context } from '../context.js';
import { observeFleets } from '../observe-fleets.js';

/**
 * Rewrites the endpoints file too, unless another command holds the lock. Undefined if nobody knows the fleet. Throws
 * kind `tool` if Slurm does not answer.
 */
export async function checkFleet(context: Context, fleet: string): Promise<EndpointsFile | undefined> {
  const { config } = await context.config({});
  const [seen] = await observeFleets(context, config, fleet);
  context.signal.throwIfAborted();
  if (seen === undefined || seen.spec === null) return undefined;
  const store = fleetStore(context.stateFolder, fleet);
  const now = new Date(context.clock.now()).toISOString();
  // An unreadable file is replaced.
  const previous = () => readEndpoints(store.folders.endpoints).catch(() => undefined);
  const fleetNow = { ...seen, ending: endingServers(seen.surplus) };
  const file = buildEndpoints(seen.spec, fleetNow, now, await previous());
  try {
    await store.prepare();
    const lock = await acquireLock(store.folders.lock, {
      purpose: 'endpoints --check',
      signal: context.signal,
      onHeld: () => false,
    });
    try {
      const newer = lock === undefined || ((await previous())?.updated_at ?? '') > now;
      if (!newer) await store.writeEndpoints(file);
    } finally {
      await lock?.release();
    }
  } catch (error) {
    if (!isUnwritable(error)) throw error;
    context.io.stderr.line(`warning: other commands still see the old endpoints: ${messageOf(error)}`);
  }
  return file;
}
