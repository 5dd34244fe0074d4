import type { Facts } from './facts.js';
import type { InstanceView } from './instance.js';
import { pausedReason } from './job-table.js';

const HELD: Readonly<Record<string, string>> = {
  JobHeldAdmin: 'held by an administrator',
  JobHeldUser: 'held by its user',
};

/**
 * Why a live job does not serve: it is paused or held, or its server fails both our health check and the job's own.
 * Undefined for a job that serves, starts, or is only out of reach of this machine.
 */
export function outOfServiceReason(
  { jobId, jobState, state, reason }: InstanceView,
  { registrations, probes }: Pick<Facts, 'registrations' | 'probes'>,
): string | undefined {
  const paused = pausedReason(jobState ?? '');
  if (state === 'unhealthy' && paused !== undefined) return paused;
  if (state === 'pending') return HELD[reason ?? ''];
  if (state !== 'unhealthy' || probes.get(jobId ?? '')?.reachable !== false) return undefined;
  const registered = registrations.get(jobId ?? '');
  if (registered?.stale === true) return 'it does not answer, and its job stands still';
  return registered?.state === 'unhealthy' ? 'it fails every health check' : undefined;
}
