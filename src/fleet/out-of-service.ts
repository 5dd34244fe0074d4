import type { Facts } from './facts.js';
import type { InstanceView } from './instance.js';
import { pausedReason } from './job-table.js';

const HELD: Readonly<Record<string, string>> = {
  JobHeldAdmin: 'held by an administrator',
  JobHeldUser: 'held by its user',
};

/**
 * Why a job serves nobody and does not end by itself either: it is paused or held, or its server fails our health
 * check and the job's own. Undefined for one that serves, starts, or that only this machine does not reach.
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
