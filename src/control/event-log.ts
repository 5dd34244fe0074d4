import type { EventBody, FleetEvent } from '../fleet/events.js';
import { recentEvents, whoCancelled } from '../state/recent-events.js';
import { eventNews } from './event-news.js';
import type { ControllerDeps } from './fleet-controller.js';

export async function eventLog({
  store,
  clock,
  lock,
  show,
  command,
}: Pick<ControllerDeps, 'store' | 'clock' | 'lock' | 'show' | 'command'>) {
  const recorded = await recentEvents(store.folders.events).catch(() => []);
  const isNews = eventNews(recorded);
  const byWhom = whoCancelled(recorded);
  let unwritten: FleetEvent[] = [];
  let writing = Promise.resolve();

  async function write(): Promise<void> {
    const events = unwritten;
    unwritten = [];
    if (events.length > 0) await store.appendEvents(events).catch(() => undefined);
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
    flush: () => writing,
  };
}
