import type { EventBody, FleetEvent } from '../fleet/events.js';
import type { ControllerDeps } from './fleet-controller.js';

export function eventLog({
  store,
  clock,
  lock,
  show,
}: Pick<ControllerDeps, 'store' | 'clock' | 'lock' | 'show'>) {
  let unwritten: FleetEvent[] = [];
  let writing = Promise.resolve();

  async function write(): Promise<void> {
    const events = unwritten;
    unwritten = [];
    if (events.length > 0) await store.appendEvents(events).catch(() => undefined);
  }

  return {
    emit(body: EventBody): void {
      const time = new Date(clock.now()).toISOString();
      const event: FleetEvent = { schema_version: 1, time, fleet: store.fleet, ...body };
      show.event(event);
      if (!lock.held()) return;
      unwritten.push(event);
      writing = writing.then(write);
    },
    flush: () => writing,
  };
}
