import type { EndpointsFile } from './schema.js';

export interface Selection {
  /** Milliseconds since the epoch; endpoints whose job has ended by then are left out. */
  now: number;
  /** Every state, not only `ready`. */
  all: boolean;
  /** Leaves the gateway out, so that clients go to the servers themselves. */
  direct: boolean;
}

/** The part of the file that was asked for; a file again. */
export function selectEndpoints(file: EndpointsFile, { now, all, direct }: Selection): EndpointsFile {
  const { draining, ...rest } = file;
  return {
    ...rest,
    ...(all && draining !== undefined ? { draining } : {}),
    gateway: direct ? null : file.gateway,
    endpoints: file.endpoints.filter(
      ({ state, expires_at }) =>
        (all || state === 'ready') && (expires_at === null || !(Date.parse(expires_at) <= now)),
    ),
  };
}

/** Base URLs for a client: the gateway's where one is ready, else those of the endpoints. */
export function clientUrls({ gateway, endpoints }: EndpointsFile): string[] {
  if (gateway?.state === 'ready') return [gateway.url];
  return endpoints.flatMap(({ url }) => (url === null ? [] : [url]));
}
