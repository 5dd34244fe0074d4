import type { LeftOut } from '../../fleet/faults.js';
import { formatAge } from '../../text/duration.js';

/** The nodes that get no jobs for a while, each with why and until when. */
export function leftOutLines(nodes: readonly LeftOut[], now: number): string[] {
  return nodes.map(({ node, until, failed, causes }) => {
    const at = new Date(until).toTimeString().slice(0, 5);
    const left = formatAge((until - now) / 1000);
    return `${node} gets no jobs until ${at} (${left}), as far as other nodes are left: ${failed} jobs failed there (${causes.join('; ')})`;
  });
}

export function leftOutJson(nodes: readonly LeftOut[]) {
  return nodes.map(({ node, until, causes }) => ({
    node,
    until: new Date(until).toISOString(),
    reasons: causes,
  }));
}
