import type { Facts } from './decide.js';
import type { InstanceView } from './instance.js';

/**
 * Whether a job says that its server is ready while our own canary has not come back yet. A run that finds
 * servers of days ago lets it come back before it judges them or writes over what was known.
 */
export function unasked({ jobId }: InstanceView, { registrations, probes }: Facts): boolean {
  if (jobId === null) return false;
  return registrations.get(jobId)?.state === 'ready' && (probes.get(jobId)?.reachable ?? null) === null;
}
