import type { Member } from './member.js';

/** What has happened to an endpoint, as one line for a person. */
export function changeLine({ endpoint, health }: Member, what: 'added' | 'removed' | 'in' | 'out'): string {
  const { url, node } = endpoint;
  const place = node === null ? url : `${url} (${node})`;
  switch (what) {
    case 'added':
      return `${place}: listed`;
    case 'removed':
      return `${place}: no longer listed, ends its runs`;
    case 'in':
      return `${place}: in rotation`;
    case 'out':
      return `${place}: out of rotation: ${health.ejections[0]?.reason ?? 'failed'}`;
  }
}
