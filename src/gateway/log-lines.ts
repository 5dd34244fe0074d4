import type { Endpoint } from './endpoint.js';
import type { EndpointChange } from './endpoints.js';

export function changeLine({ info, health }: Endpoint, change: EndpointChange): string {
  const { url, node } = info;
  const name = node === null ? url : `${url} (${node})`;
  switch (change) {
    case 'added':
      return `${name}: added`;
    case 'removed':
      return `${name}: removed from the list, draining`;
    case 'in':
      return `${name}: in rotation`;
    case 'out':
      return `${name}: out of rotation: ${health.ejections[0]?.reason ?? 'failed'}`;
  }
}
