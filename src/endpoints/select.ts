import type { EndpointsFile } from './schema.js';

export interface Selection {
  now: number;
  all: boolean;
  direct: boolean;
}

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
