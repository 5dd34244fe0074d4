import { mkdirSync, rmSync } from 'node:fs';
import { expect, it } from 'vitest';
import { endpointsPublisher } from '../../src/control/publisher.js';
import { readEndpoints } from '../../src/endpoints/file.js';
import type { EventBody } from '../../src/fleet/events.js';
import { emptyTarget } from '../../src/fleet/spec.js';
import { fleetStore } from '../../src/state/store.js';
import { folder } from '../endpoints/folder.js';
import { NOW, view } from '../endpoints/samples.js';

function publisher({ held }: { held: () => boolean } = { held: () => true }) {
  const store = fleetStore(folder(), 'sandbox');
  mkdirSync(store.folders.folder, { recursive: true });
  const events: EventBody[] = [];
  const emit = (event: EventBody) => events.push(event);
  const endpoints = endpointsPublisher({ store, lock: { held }, now: () => NOW, emit });
  return {
    store,
    events,
    flush: endpoints.flush,
    /** Of three instances the first `ready` are. */
    offer(ready: number) {
      const instances = [0, 1, 2].map((i) => view({ instance: i, state: i < ready ? 'ready' : 'starting' }));
      endpoints.offer({ ...emptyTarget('sandbox'), nodes: 3 }, { instances, gateway: null, surplus: [] });
    },
    written: async () => {
      const file = await readEndpoints(store.folders.endpoints);
      return file?.endpoints.filter((endpoint) => endpoint.state === 'ready').length;
    },
  };
}

it('the endpoints publisher merges offers that arrive during a write, and flush waits for the last', async () => {
  const { offer, flush, written, events } = publisher();
  for (const ready of [1, 2, 0, 3]) offer(ready);
  await flush();
  expect(await written()).toBe(3);
  expect(events.map((event) => event.reason)).toEqual(['1 of 3 ready', '3 of 3 ready']);
  offer(2);
  await flush();
  expect(await written()).toBe(2);
});

it('the endpoints publisher throws a failed write at the next offer or flush', async () => {
  const { store, offer, flush } = publisher();
  rmSync(store.folders.folder, { recursive: true });
  offer(1);
  await expect(flush()).rejects.toThrow('ENOENT');
  expect(() => offer(2)).toThrow('ENOENT');
});

it('the endpoints publisher writes nothing once the lock is lost, not even earlier offers', async () => {
  let held = true;
  const { offer, flush, written } = publisher({ held: () => held });
  offer(1);
  offer(2);
  held = false;
  await flush();
  expect(await written()).toBeUndefined();
});
