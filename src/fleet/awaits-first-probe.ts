import type { Facts } from './facts.js';
import type { InstanceView } from './instance.js';
import { pausedReason } from './job-table.js';

/**
 * Whether a job says that its server is ready while nobody can tell yet: our own canary has not come back, or
 * the network keeps us from the server and the job has not refreshed its registration since we look. A run that
 * finds servers of days ago lets that come before it judges them or writes over what was known.
 */
export function awaitsFirstProbe(
  { jobId, jobState }: InstanceView,
  { registrations, probes }: Facts,
): boolean {
  if (jobId === null || pausedReason(jobState ?? '') !== undefined) return false;
  const [registered, probed] = [registrations.get(jobId), probes.get(jobId)];
  if (registered?.state !== 'ready') return false;
  if (probed === undefined || probed.reachable === null) return true;
  return !probed.reachable && probed.silent !== true && registered.unrefreshed && !registered.stale;
}
