import { hostname } from 'node:os';
import { type KeepRequest, keeperStore } from '../../state/keeper.js';
import { fleetStore } from '../../state/store.js';
import { clusterIn } from '../cluster.js';
import type { Context } from '../context.js';
import { takeFleetLock } from '../fleet-lock.js';
import { ensureKeeper } from '../keep.js';

/**
 * Starts a fleet again that its keeper stopped because it was idle, with its number of servers and its keeper, which
 * submits them. False for a fleet that was stopped otherwise.
 */
export async function wakeIdleFleet(context: Context, fleet: string): Promise<boolean> {
  const store = fleetStore(context.stateFolder, fleet);
  const keeper = keeperStore(context.stateFolder, fleet);
  const request = await keeper.readRequest();
  if (request?.idle === undefined) return false;
  const { nodes, since } = request.idle;
  const lock = await takeFleetLock(context, store, 'exec');
  try {
    const spec = await store.readSpec();
    if (spec === undefined) return false;
    const again = spec.nodes > 0 ? spec : { ...spec, nodes, generation: spec.generation + 1 };
    await store.writeSpec(again);
    const words = `starting the fleet again, with ${nodes === 1 ? '1 server' : `${nodes} servers`}: it was idle since ${since}`;
    const time = new Date(context.clock.now()).toISOString();
    await store.appendEvents([{ schema_version: 1, time, fleet, type: 'keeper', reason: words }]);
    context.io.stderr.line(`sandboxctl exec: ${words}`);
    await lock.release();
    const scheduler = await context.scheduler(clusterIn(again));
    await ensureKeeper(context, { store, keeper, scheduler, spec: again }, requestHere(request));
    return true;
  } finally {
    await lock.release();
  }
}

/** A keeper in the background of another machine cannot be started from here, so it starts on this one. */
function requestHere({ idle, ...request }: KeepRequest): KeepRequest {
  return request.place === 'here' && idle?.host !== hostname() ? { ...request, place: 'job' } : request;
}
