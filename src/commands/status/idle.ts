import { formatAge, formatDuration } from '../../text/duration.js';
import type { FleetView } from './view.js';

/** Undefined for a fleet that was not stopped because it ran nothing. */
export function idleLine(
  { fleet, keeper }: Pick<FleetView, 'fleet' | 'keeper'>,
  now: number,
): string | undefined {
  const { state, request } = keeper;
  if (state !== 'idle' || request?.idle === undefined) return undefined;
  const { since, nodes } = request.idle;
  const age = formatAge((now - Date.parse(since)) / 1000);
  const unused = formatDuration(request.options.idleStop ?? 0);
  const servers = nodes === 1 ? 'its server' : `its ${nodes} servers`;
  return `fleet ${fleet}: stopped ${age} ago, since it ran nothing for ${unused}; the next 'sandboxctl exec' or 'deploy' starts ${servers} again`;
}
