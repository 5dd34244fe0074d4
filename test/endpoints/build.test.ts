import { expect, it } from 'vitest';
import { buildEndpoints } from '../../src/endpoints/file.js';
import { selectEndpoints } from '../../src/endpoints/select.js';
import type { ServerView } from '../../src/fleet/instance.js';
import { at, endpoint, fleet, NOW, pending, view } from './samples.js';

const SPEC = { fleet: 'sandbox', generation: 3 };
const seen = (changes: Partial<ServerView> = {}) => ({ instances: [view(changes)], gateway: null });

it('names the gateway once it is known where it will be, and never one that is no more', () => {
  const gateway = view({ instance: -1, jobId: '1001', url: 'http://10.0.0.9:8080', node: 'node9' });
  const first = buildEndpoints(SPEC, { ...seen(), gateway }, at(0));
  expect(first.gateway).toEqual({
    ...{ url: 'http://10.0.0.9:8080', node: 'node9', job_id: '1001', state: 'ready', auth: null },
  });
  const pending = { ...gateway, url: null, state: 'pending' as const };
  expect(buildEndpoints(SPEC, { ...seen(), gateway: pending }, at(60), first).gateway).toBeNull();
  expect(buildEndpoints(SPEC, seen(), at(60), first).gateway).toBeNull();
});

it('tells an instance as clients see it', () => {
  expect(buildEndpoints(SPEC, seen(), at(0))).toEqual({
    schema_version: 1,
    fleet: 'sandbox',
    generation: 3,
    updated_at: at(0),
    gateway: null,
    endpoints: [endpoint(0, { since: at(0), expires_at: at(3_600) })],
  });
});

it('keeps `since` while job and state stay', () => {
  const first = buildEndpoints(SPEC, seen(), at(0));
  const since = (changes: Partial<ServerView>) =>
    buildEndpoints(SPEC, seen(changes), at(60), first).endpoints[0]?.since;
  expect(since({})).toBe(at(0));
  expect(since({ reachable: false })).toBe(at(0));
  expect(since({ state: 'unhealthy' })).toBe(at(60));
  expect(since({ jobId: '1001_0' })).toBe(at(60));
});

it('keeps an expiry that only wobbles, and takes one that is earlier, much later or of another job', () => {
  const first = buildEndpoints(SPEC, seen(), at(0));
  const expiry = (changes: Partial<ServerView>) =>
    buildEndpoints(SPEC, seen(changes), at(60), first).endpoints[0]?.expires_at;
  expect(expiry({ expiresAt: at(3_659) })).toBe(at(3_600));
  expect(expiry({ expiresAt: at(3_599) })).toBe(at(3_599));
  expect(expiry({ expiresAt: at(7_200) })).toBe(at(7_200));
  expect(expiry({ expiresAt: null })).toBeNull();
  expect(expiry({ expiresAt: at(3_601), jobId: '1001_0' })).toBe(at(3_601));
});

it('selects what is ready and has not expired; the rest of the ready on request, the expired never', () => {
  const file = fleet([
    endpoint(0),
    endpoint(1, { expires_at: at(0) }),
    endpoint(2, { expires_at: at(1) }),
    endpoint(3, { expires_at: null }),
    pending(4),
    endpoint(5, { state: 'unhealthy', expires_at: at(-1) }),
  ]);
  const instances = (all: boolean) =>
    selectEndpoints(file, { now: NOW, all, direct: false }).endpoints.map(({ instance }) => instance);
  expect(instances(false)).toEqual([0, 2, 3]);
  expect(instances(true)).toEqual([0, 2, 3, 4]);
});
