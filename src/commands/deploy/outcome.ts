import type { Failure } from '../../control/diagnose.js';
import { SandboxctlError } from '../../errors.js';
import { whyPaused } from '../../fleet/belief.js';
import { type Decision, stuck } from '../../fleet/decide.js';
import type { InstanceView } from '../../fleet/instance.js';
import { hintFor } from '../../fleet/pending-reasons.js';

/** Log lines shown of each distinct failure, and of how many. */
const TAIL = 12;
const FAILURES_SHOWN = 4;

/** Throws unless enough servers are ready: kind `refused` where some failed, `waiting` where some are late. */
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

/** Throws for slots of which too few are ready. */
function judgeViews(
  views: readonly InstanceView[],
  failures: ReadonlyMap<string, Failure>,
  told: string,
  fleet: string,
): never {
  const failed = views.flatMap((view) => (view.state === 'gone' ? [failures.get(view.jobId ?? '')] : []));
  const known = failed.filter((failure) => failure !== undefined);
  if (known.length > 0) throw failedError(told, known);
  const stopped = views.find(stuck);
  if (stopped !== undefined) {
    throw new SandboxctlError('refused', {
      what: `${told}; job ${stopped.jobId} can never start`,
      words: `Slurm says: ${stopped.reason}`,
      hint: hintFor(stopped.reason ?? ''),
    });
  }
  throw waitingError(told, views, fleet);
}

function failedError(told: string, failures: readonly Failure[]): SandboxctlError {
  const distinct = [...new Map(failures.map((failure) => [failure.cause, failure])).values()];
  const [first] = distinct;
  const shown = distinct.slice(0, FAILURES_SHOWN);
  const more = distinct.length > shown.length ? `; and ${distinct.length - shown.length} other causes` : '';
  return new SandboxctlError('refused', {
    what: `${told}, ${failures.length} failed: ${shown.map((failure) => failure.cause).join('; ')}${more}`,
    words: first?.words ?? '',
    hint: withJob(first?.hint ?? "see 'sandboxctl logs'", first?.view.jobId ?? null),
    tail: shown.flatMap(tailOf),
  });
}

/** What classifies a log does not know whose it is. */
function withJob(hint: string, jobId: string | null): string {
  return jobId === null ? hint : hint.replace(/'sandboxctl logs\b/, `$& ${jobId}`);
}

function tailOf(failure: Failure): string[] {
  const where = failure.view.node === null ? '' : ` on ${failure.view.node}`;
  if (failure.log === null) return [`job ${failure.view.jobId}${where} left no log`];
  return [
    `the last lines of ${failure.log} (job ${failure.view.jobId}${where}):`,
    ...failure.tail.slice(-TAIL),
  ];
}

function waitingError(told: string, instances: readonly InstanceView[], fleet: string): SandboxctlError {
  const [first] = instances.filter((view) => view.state !== 'ready' && view.state !== 'gone');
  const look = whereToLook(first, fleet);
  return new SandboxctlError('waiting', {
    what: `${told}; the wait is over, the jobs stay`,
    words: first === undefined ? '' : `job ${first.jobId}: ${first.reason ?? first.state}`,
    hint: `${look}; the same 'sandboxctl deploy' again waits on, 'sandboxctl stop --fleet ${fleet}' ends them`,
  });
}

function whereToLook(view: InstanceView | undefined, fleet: string): string {
  if (view?.jobId == null || view.state === 'pending') return `'sandboxctl status --fleet ${fleet}' looks`;
  if (whyPaused(view.jobState ?? '') === undefined)
    return `'sandboxctl logs ${view.jobId}' shows how far it is`;
  return `Slurm lets it run again by itself where another job took its node, or an operator does by 'scontrol resume ${view.jobId}'`;
}
