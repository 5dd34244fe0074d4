import type { EventBody, FleetEvent } from '../fleet/events.js';
import { recentEvents, whoCancelled } from '../state/recent-events.js';
import { eventNews } from './event-news.js';
import type { ControllerDeps, ControllerMemory } from './fleet-controller.js';

/** Events that are remembered while they cannot be written. */
const MOST_UNWRITTEN = 1_000;

export async function eventLog({
  store,
  clock,
  lock,
  show,
  command,
  memory: { unwritten } = { unwritten: [] },
}: Pick<ControllerDeps, 'store' | 'clock' | 'lock' | 'show' | 'command'> & {
  memory?: Pick<ControllerMemory, 'unwritten'>;
}) {
  const recorded = await recentEvents(store.folders.events).catch(() => []);
  const isNews = eventNews([...recorded, ...unwritten]);
  const byWhom = whoCancelled(recorded);
  let writing = Promise.resolve();

  /** After a failure, they are written with the next ones. */
  async function write(): Promise<void> {
    const events = unwritten.splice(0);
    if (events.length === 0) return;
    await store.appendEvents(events).catch(() => unwritten.unshift(...events.slice(-MOST_UNWRITTEN)));
  }

  function shown(body: EventBody): FleetEvent {
    const time = new Date(clock.now()).toISOString();
    const named = command !== undefined && (body.type === 'plan' || body.type === 'result');
    const data = named ? { data: { ...body.data, command } } : {};
    const event: FleetEvent = { schema_version: 1, time, fleet: store.fleet, ...body, ...data };
    show.event(event);
    return event;
  }

  return {
    emit(body: EventBody): void {
      const event = shown(body);
      if (!isNews(body) || !lock.held()) return;
      unwritten.push(event);
      writing = writing.then(write);
    },
    /** For who runs the command alone: nothing has happened. */
    advise: shown,
    byWhom,
    flush: () => {
      if (lock.held()) writing = writing.then(write);
      return writing;
    },
  };
}
