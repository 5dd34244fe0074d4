import type { Failure } from '../../control/diagnose.js';
import { SandboxctlError } from '../../errors.js';
import { pendingRule } from '../../failures/pending.js';
import { cannotStart, type Decision } from '../../fleet/decide.js';
import type { InstanceView } from '../../fleet/instance.js';
import { pausedReason } from '../../fleet/job-table.js';

const TAIL = 12;
const FAILURES_SHOWN = 4;

/** Throws unless enough servers are ready: kind `refused` where some failed, `waiting` if some are late. */
export function judgeOutcome(
  decision: Decision,
  failures: ReadonlyMap<string, Failure>,
  enough: number,
  fleet: string,
): void {
  const { instances, gateway } = decision;
  const ready = instances.filter((view) => view.state === 'ready').length;
  const servers = `${ready} of ${instances.length} servers of fleet ${fleet} are ready`;
  if (ready < enough) judgeViews(instances, failures, servers, fleet);
  else if (gateway !== null && gateway.state !== 'ready')
    judgeViews([gateway], failures, `${servers}, its gateway is not`, fleet);
}

/** Throws for slots of which too few are ready: a failure first, then a job that cannot start, else the timeout. */
export function judgeViews(
  views: readonly InstanceView[],
  failures: ReadonlyMap<string, Failure>,
  summary: string,
  fleet: string,
): never {
  const failed = views.flatMap((view) => (view.state === 'gone' ? [failures.get(view.jobId ?? '')] : []));
  const known = failed.filter((failure) => failure !== undefined);
  if (known.length > 0) throw failedError(summary, known);
  const blocked = views.find(cannotStart);
  if (blocked !== undefined) {
    const rule = pendingRule(blocked.reason ?? '');
    throw new SandboxctlError('refused', {
      what: `${summary}; job ${blocked.jobId} can never start: ${rule?.cause}`,
      detail: `Slurm says: ${blocked.reason}`,
      hint: rule?.hint ?? '',
      failure: rule?.id,
    });
  }
  throw waitingError(summary, views, fleet);
}

function failedError(summary: string, failures: readonly Failure[]): SandboxctlError {
  const distinct = [...new Map(failures.map((failure) => [failure.cause, failure])).values()];
  const [first] = distinct;
  const shown = distinct.slice(0, FAILURES_SHOWN);
  const more = distinct.length > shown.length ? `; and ${distinct.length - shown.length} other causes` : '';
  return new SandboxctlError('refused', {
    what: `${summary}, ${failures.length} failed: ${shown.map((failure) => failure.cause).join('; ')}${more}`,
    detail: first?.words ?? '',
    hint: withJob(first?.hint ?? "see 'sandboxctl logs'", first?.view.jobId ?? null),
    tail: shown.flatMap(tailOf),
    failure: first?.id,
  });
}

function withJob(hint: string, jobId: string | null): string {
  return jobId === null ? hint : hint.replace(/'sandboxctl logs\b/, `$& ${jobId}`);
}

function tailOf(failure: Failure): string[] {
  const where = failure.view.node === null ? '' : ` on ${failure.view.node}`;
  if (failure.log === null) return [`job ${failure.view.jobId}${where} left no log`];
  return [`last lines of ${failure.log} (job ${failure.view.jobId}${where}):`, ...failure.tail.slice(-TAIL)];
}

function waitingError(summary: string, instances: readonly InstanceView[], fleet: string): SandboxctlError {
  const [first] = instances.filter((view) => view.state !== 'ready' && view.state !== 'gone');
  const details = whereToLook(first, fleet);
  return new SandboxctlError('waiting', {
    what: `${summary}; timed out; the jobs keep running`,
    detail: first === undefined ? '' : `job ${first.jobId}: ${first.reason ?? first.state}`,
    hint: `${details}; run the same command again to continue waiting, or 'sandboxctl stop --fleet ${fleet}' to cancel the jobs`,
  });
}

function whereToLook(view: InstanceView | undefined, fleet: string): string {
  if (view?.jobId == null || view.state === 'pending')
    return `'sandboxctl status --fleet ${fleet}' shows the jobs`;
  if (pausedReason(view.jobState ?? '') === undefined)
    return `'sandboxctl logs ${view.jobId}' shows its progress`;
  return `Slurm resumes the job once its node is free again, or an operator does with 'scontrol resume ${view.jobId}'`;
}
