import type { Facts } from './facts.js';
import type { InstanceView } from './instance.js';
import { submissionOf } from './instance-view.js';
import type { TrackedJob } from './job-table.js';
import { leadTime, timeLeft } from './lead-time.js';
import { outOfServiceReason } from './out-of-service.js';
import { upkeepOf } from './replacement.js';
import { slotHash, type Target } from './spec.js';

const KINDS = ['wedged', 'ending', 'limit', 'renew', 'spec'] as const;

export interface Due {
  kind: (typeof KINDS)[number];
  why: string;
}

export type Wanted = Pick<Target, 'nodes' | 'hash' | 'gateway' | 'upkeep' | 'freshFrom'>;

/** Why a job must be replaced; undefined if it may stay. */
export function dueReason(job: TrackedJob, view: InstanceView, spec: Wanted, facts: Facts): Due | undefined {
  const submission = submissionOf(job, facts);
  if (submission?.hash !== slotHash(spec, view.instance))
    return { kind: 'spec', why: 'its spec was replaced by a newer one' };
  if (
    view.instance !== 'gateway' &&
    submission !== undefined &&
    submission.generation < (spec.freshFrom ?? 0)
  )
    return { kind: 'renew', why: 'renew was asked for' };
  const wedged = wedgedReason(view, spec, facts);
  if (wedged !== undefined) return { kind: 'wedged', why: wedged };
  if (!facts.keeps) return undefined;
  if (view.state === 'draining') return { kind: 'ending', why: view.reason ?? 'its job is ending' };
  const left = timeLeft(job, facts.now);
  const limit = (job.fact?.elapsed ?? 0) + (job.fact?.timeLeft ?? 0);
  if (left === null || left > leadTime(view.instance, limit, spec, facts)) return undefined;
  return { kind: 'limit', why: 'its time limit is near' };
}

function wedgedReason(view: InstanceView, spec: Wanted, facts: Facts): string | undefined {
  const reason = outOfServiceReason(view, facts);
  const since = facts.outOfService.get(view.jobId ?? '');
  if (reason === undefined || since === undefined) return undefined;
  return facts.now - since < upkeepOf(spec).wedgedAfter * 1000 ? undefined : reason;
}

/** Whether a user asked for the replacement, rather than the state of the job. */
export const isRequested = ({ kind }: Pick<Due, 'kind'>): boolean => kind === 'spec' || kind === 'renew';

/** A server that is out of service for this long counts as unhealthy: three of its own checks. Milliseconds. */
const UNHEALTHY_MS = 30_000;

/**
 * Whether a due job may end before its successor starts: its server never served, or has not for a while. On a full
 * cluster the successor needs its node.
 */
export function isWorthless({ kind }: Due, view: InstanceView, facts: Facts): boolean {
  if (!isRequested({ kind })) return false;
  if (view.state === 'pending') return true;
  // A job without a registration may be ready: the file can take a while to appear on NFS.
  if (view.state === 'starting') return facts.registrations.get(view.jobId ?? '')?.state === 'starting';
  const since = facts.outOfService.get(view.jobId ?? '');
  return view.state === 'unhealthy' && since !== undefined && facts.now - since >= UNHEALTHY_MS;
}

export function compareDue(a: { due: Due; view: InstanceView }, b: { due: Due; view: InstanceView }): number {
  return (
    KINDS.indexOf(a.due.kind) - KINDS.indexOf(b.due.kind) ||
    Number(a.view.state === 'ready') - Number(b.view.state === 'ready') ||
    endOf(a.view) - endOf(b.view)
  );
}

/** Jobs without a known end keep the order of their slots. */
function endOf({ expiresAt }: InstanceView): number {
  return expiresAt === null ? Number.MAX_SAFE_INTEGER : Date.parse(expiresAt);
}
