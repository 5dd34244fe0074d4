import type { Facts } from './facts.js';
import type { InstanceView } from './instance.js';
import { pausedReason } from './job-table.js';

/**
 * Whether a job reports a ready server that is not confirmed yet: our own health check has not returned, or the
 * server is out of reach and its job has not refreshed the registration since this command started. Until then a
 * command neither judges the server nor overwrites its last known state.
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
