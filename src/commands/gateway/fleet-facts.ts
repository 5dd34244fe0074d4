import { join } from 'node:path';
import { readEndpoints } from '../../endpoints/file.js';
import type { Endpoint } from '../../endpoints/schema.js';
import { version } from '../../files/version.js';
import { eventLine } from '../../fleet/event-line.js';
import type { FleetEvent } from '../../fleet/events.js';
import { leftOutNodes, pausedSlots } from '../../fleet/faults.js';
import type { FleetFacts, FleetServer } from '../../gateway/fleet-facts.js';
import { readFaults } from '../../state/faults.js';
import { keeperStatus } from '../../state/keeper.js';
import { recentEvents, recordedCauses } from '../../state/recent-events.js';
import { type Registration, readRegistration } from '../../state/registrations.js';
import type { FleetStore } from '../../state/store.js';
import type { Context } from '../context.js';
import { deadKeeper } from '../dead-keeper.js';
import { keeperLines } from '../status/keeper.js';
import { leftOutLines } from '../status/left-out.js';
import { nextStep } from '../status/next-step.js';

/** How long facts are reused: each browser asks once a second. Milliseconds. */
const FRESH_MS = 1_000;
const EVENTS_SHOWN = 12;

/** The fleet's facts in the state folder, for the status page. Does not call the scheduler. */
export function fleetFacts(
  context: Pick<Context, 'stateFolder' | 'clock' | 'env'>,
  store: FleetStore,
): () => Promise<FleetFacts> {
  let last: { at: number; facts: Promise<FleetFacts> } | undefined;
  const goneSince = new Map<string, string>();
  return () => {
    const now = context.clock.now();
    if (last === undefined || now - last.at >= FRESH_MS) last = { at: now, facts: read(now) };
    return last.facts;
  };

  async function read(now: number): Promise<FleetFacts> {
    const [spec, file, events, keeper, faults] = await Promise.all([
      store.readSpec().catch(() => undefined),
      readEndpoints(store.folders.endpoints).catch(() => undefined),
      recentEvents(store.folders.events),
      keeperStatus(context.stateFolder, store.fleet, now),
      readFaults(store.folders.faults),
    ]);
    const causes = recordedCauses(events);
    const listed = await Promise.all((file?.endpoints ?? []).map((each) => serverOf(each, causes, now)));
    const nodes = spec?.nodes ?? listed.length;
    const servers = listed.filter(({ instance }) => instance < nodes);
    const gone = servers.filter(({ state }) => state === 'gone');
    const paused = spec === undefined ? undefined : pausedSlots(spec, faults);
    const pauses = gone.flatMap(({ instance }) => paused?.get(instance) ?? []);
    const dead = deadKeeper(context, store.fleet, keeper);
    return {
      fleet: store.fleet,
      version: version(),
      generation: spec?.generation ?? 0,
      servers,
      keeper: dead ?? keeperLines(keeper, now)[0] ?? null,
      keeper_dead: dead !== undefined,
      left_out: leftOutLines(leftOutNodes(faults, now), now),
      next: gone.length === 0 ? null : nextStep(store.fleet, nodes, keeper, pauses, now),
      events: events.filter(isShown).slice(-EVENTS_SHOWN).map(shown),
    };
  }

  async function serverOf(
    endpoint: Endpoint,
    causes: ReadonlyMap<string, string>,
    now: number,
  ): Promise<FleetServer> {
    const { instance, job_id, node, url, expires_at, since } = endpoint;
    const job = job_id ?? '';
    const registration =
      job === '' ? undefined : await readRegistration(join(store.folders.registrations, `${job}.json`));
    const expired = expires_at !== null && Date.parse(expires_at) <= now;
    const gone = endpoint.state === 'gone' || registration?.state === 'gone' || expired;
    const common = { instance, job_id, node, url, expires_at };
    if (!gone) return { ...common, state: endpoint.state, since, reason: null };
    if (!goneSince.has(job)) goneSince.set(job, new Date(now).toISOString());
    const seen = endpoint.state === 'gone' ? since : (goneSince.get(job) ?? since);
    const reason = causes.get(job) ?? (expired ? 'its time limit ended' : exitReason(registration));
    return { ...common, state: 'gone', since: seen, reason };
  }
}

function exitReason(registration: Registration | undefined): string | null {
  const code = registration?.exit_code ?? null;
  return code === null ? null : `its job ended, the server with exit code ${code}`;
}

/** Whether the status page shows the event: those about servers and gateways. */
function isShown({ type, state }: FleetEvent): boolean {
  if (type === 'instance' || type === 'gateway') return state !== 'pending' && state !== 'starting';
  return type === 'submitted' || type === 'keeper';
}

function shown(event: FleetEvent): FleetFacts['events'][number] {
  const bad = event.state === 'gone' || event.state === 'unhealthy';
  return { time: event.time, text: eventLine(event), bad };
}
