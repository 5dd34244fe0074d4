import type { Observation } from '../control/observe.js';
import { buildEndpoints, readEndpoints } from '../endpoints/file.js';
import type { EndpointsFile } from '../endpoints/schema.js';
import { isUnwritable } from '../files/atomic.js';
import { acquireLock } from '../files/lock.js';
import { endingServers } from '../fleet/decide.js';
import type { InstanceView } from '../fleet/instance.js';
import { goneEvent } from '../fleet/slot-events.js';
import type { Spec } from '../fleet/spec.js';
import { keeperStatus } from '../state/keeper.js';
import { recentEvents, whoCancelled } from '../state/recent-events.js';
import { type FleetStore, fleetStore } from '../state/store.js';
import type { Context } from './context.js';
import { nextStep } from './status/next-step.js';

export interface Recorded {
  file: EndpointsFile;
  causes: ReadonlyMap<string, string>;
}

/** An endpoints file with the same content that is younger than this is not written again. Milliseconds. */
const FRESH_MS = 10_000;

/**
 * Records what a command observed of a fleet, so that all commands report the same: the endpoints file, and an event
 * for each job end that was not reported yet. Nothing is recorded while another command holds the lock: it does this
 * itself. `onUnwritten` is called if the files cannot be written.
 */
export async function recordObservation(
  context: Context,
  seen: Observation & { spec: Spec },
  purpose: 'status' | 'endpoints --check',
  onUnwritten: (error: unknown) => void,
): Promise<Recorded> {
  const store = fleetStore(context.stateFolder, seen.fleet);
  const time = new Date(context.clock.now()).toISOString();
  // An unreadable file is replaced.
  const previous = () => readEndpoints(store.folders.endpoints).catch(() => undefined);
  const before = await previous();
  const observed = { ...seen, ending: endingServers(seen.surplus) };
  const file = buildEndpoints(seen.spec, observed, time, before);
  const failures = seen.unrecorded.length > 0 ? await seen.diagnose(seen.unrecorded) : [];
  const causes = new Map(failures.map(({ view, cause }) => [view.jobId ?? '', cause]));
  if (failures.length === 0 && isFresh(before, file)) return { file, causes };
  try {
    await store.prepare();
    const lock = await acquireLock(store.folders.lock, {
      purpose,
      signal: context.signal,
      onHeld: () => false,
    });
    try {
      if (lock !== undefined) {
        const ends = await stillUnrecorded(store, seen.unrecorded);
        const next = ends.length === 0 ? '' : await whatFollows(context, seen.spec);
        await reportEnds(store, time, ends, causes, next);
        await seen.closeEnded();
        // One from a clock that is ahead would stay for as long as that.
        const written = (await previous())?.updated_at ?? '';
        if (written <= time || written === before?.updated_at) await store.writeEndpoints(file);
      }
    } finally {
      await lock?.release();
    }
  } catch (error) {
    if (!isUnwritable(error)) throw error;
    onUnwritten(error);
  }
  return { file, causes };
}

function isFresh(before: EndpointsFile | undefined, now: EndpointsFile): boolean {
  if (before === undefined) return false;
  const content = ({ generation, gateway, endpoints, draining }: EndpointsFile) =>
    JSON.stringify([generation, gateway, endpoints, draining]);
  const age = Date.parse(now.updated_at) - Date.parse(before.updated_at);
  return age >= 0 && age < FRESH_MS && content(before) === content(now);
}

/** Two commands may have observed the same end. */
async function stillUnrecorded(store: FleetStore, ends: readonly InstanceView[]): Promise<InstanceView[]> {
  const recorded = new Set((await store.readSubmissions()).flatMap(({ ended }) => ended ?? []));
  return ends.filter(({ jobId }) => !recorded.has(jobId ?? ''));
}

async function whatFollows({ stateFolder, clock }: Context, { fleet, nodes }: Spec): Promise<string> {
  return nextStep(fleet, nodes, await keeperStatus(stateFolder, fleet, clock.now()));
}

async function reportEnds(
  store: FleetStore,
  time: string,
  ends: readonly InstanceView[],
  causes: ReadonlyMap<string, string>,
  next: string,
): Promise<void> {
  if (ends.length === 0) return;
  const byWhom = whoCancelled(await recentEvents(store.folders.events));
  await store.appendEvents(
    ends.map((view) => ({
      schema_version: 1,
      time,
      fleet: store.fleet,
      ...goneEvent(view, byWhom(view, causes.get(view.jobId ?? '') ?? 'it ended'), next),
    })),
  );
}
