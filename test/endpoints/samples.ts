import type { Endpoint, EndpointsFile } from '../../src/endpoints/schema.js';
import type { ServerView } from '../../src/fleet/instance.js';

export const NOW = Date.parse('2026-01-01T12:00:00Z');

/** The instance'th endpoint of a fleet, ready on port 8080 where nothing else is said. */
export function endpoint(instance: number, changes: Partial<Endpoint> = {}): Endpoint {
  const host = changes.host ?? `node${instance + 1}`;
  const port = changes.port ?? 8080;
  return {
    instance,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    host,
    port,
    node: `node${instance + 1}`,
    job_id: `1000_${instance}`,
    state: 'ready',
    reachable: true,
    since: '2026-01-01T11:00:00.000Z',
    expires_at: '2026-01-05T11:00:00.000Z',
    cpus: 96,
    auth: null,
    ...changes,
  };
}

export const GATEWAY: NonNullable<EndpointsFile['gateway']> = {
  url: 'http://node9:8080',
  node: 'node9',
  job_id: '130',
  state: 'ready',
  auth: null,
};

export function pending(instance: number): Endpoint {
  const unknown = { url: null, host: null, port: null, node: null, reachable: null, cpus: null };
  return { ...endpoint(instance), ...unknown, state: 'pending', expires_at: null };
}

export function fleet(endpoints: Endpoint[], changes: Partial<EndpointsFile> = {}): EndpointsFile {
  return {
    schema_version: 1,
    fleet: 'sandbox',
    generation: 3,
    updated_at: '2026-01-01T11:59:30.000Z',
    gateway: null,
    endpoints,
    ...changes,
  };
}

/** ISO time so many seconds after NOW. */
export function at(seconds: number): string {
  return new Date(NOW + seconds * 1_000).toISOString();
}

/** A server without a job: no fact is known. */
export const UNKNOWN: ServerView = {
  instance: 0,
  jobId: null,
  state: 'pending',
  jobState: null,
  reason: null,
  node: null,
  url: null,
  host: null,
  port: null,
  cpus: null,
  reachable: null,
  startedAt: null,
  expiresAt: null,
  expectedStart: null,
};

/** An instance that is ready on node1 and has an hour left. */
export function view(changes: Partial<ServerView> = {}): ServerView {
  return {
    instance: 0,
    jobId: '1000_0',
    state: 'ready',
    jobState: 'RUNNING',
    reason: null,
    node: 'node1',
    url: 'http://node1:8080',
    host: 'node1',
    port: 8080,
    cpus: 96,
    reachable: true,
    startedAt: null,
    expiresAt: at(3_600),
    expectedStart: null,
    ...changes,
  };
}
