import type { Config } from '../config/settings.js';
import type { FleetController } from '../control/fleet-controller.js';
import type { Submitter } from '../control/submit.js';
import { SandboxctlError } from '../errors.js';
import { isUnwritable } from '../files/atomic.js';
import type { Decision } from '../fleet/decide.js';
import { differences } from '../fleet/differences.js';
import type { Facts } from '../fleet/facts.js';
import { allProbed, allSubmitted, isFinished, notRolledOut, surplusStopping } from '../fleet/finished.js';
import { planLine } from '../fleet/plan-line.js';
import type { Spec } from '../fleet/spec.js';
import type { FleetStore } from '../state/store.js';
import type { Context } from './context.js';
import { goBack, isReplacing, isRolledOut } from './go-back.js';

export interface SpecChange {
  store: FleetStore;
  spec: Spec;
  submitter: Submitter;
}

type Waiting = Pick<Config, 'wait' | 'timeout' | 'pendingTimeout' | 'minReady'>;

/**
 * Records the spec, submits and replaces jobs for it, and waits as long as the user asked for. If replacement
 * servers do not become ready, the fleet goes back to the spec before and this throws kind `refused`.
 */
export async function applySpec(
  context: Context,
  config: Waiting,
  controller: FleetController,
  { store, spec, submitter }: SpecChange,
): Promise<Decision> {
  const { watch, emit } = controller;
  const before = watch.spec();
  await controller.confirmLock();
  await store.writeSpec(spec);
  emit({
    type: 'plan',
    reason: planLine(spec, watch.keptServers(spec)),
    data: {
      ...{ nodes: spec.nodes, generation: spec.generation },
      ...(before === undefined ? {} : { changes: differences(before, spec) }),
    },
  });
  const isSubmitted = (decision: Decision, facts: Facts) =>
    allSubmitted(decision) && allProbed(decision, facts) && watch.unconfirmed().length === 0;
  const until = config.wait ? isFinished(config, context.clock.now) : isSubmitted;
  const warn = fullClusterWarning(controller, context.clock.now);
  const decision = await controller
    .run({
      spec,
      submitter,
      until: (now, facts) => {
        warn(now);
        return until(now, facts);
      },
    })
    .catch((error: unknown) => rollback(store, controller, { before, spec }, error));
  if (context.signal.aborted) throw interrupted(context, spec.fleet);
  if (!config.wait) warnNotRolledOut(controller, decision);
  else if (before !== undefined && isReplacing(before, spec) && !isRolledOut(decision, config, spec))
    await goBack(context, config, controller, { decision, before, change: { store, spec, submitter } });
  return decision;
}

function warnNotRolledOut({ emit }: FleetController, decision: Decision): void {
  const left = notRolledOut(decision).length;
  if (left === 0) return;
  const servers = left === 1 ? '1 server is' : `${left} servers are`;
  emit({
    type: 'warning',
    reason: `${servers} still to be replaced: 'sandboxctl deploy' without --no-wait, or 'sandboxctl keep', does it`,
  });
}

/** A successor that is pending for this long may never get a node beside the fleet. Milliseconds. */
const FULL_MS = 30_000;

/** Warns once if successors get no node while all servers keep theirs. */
function fullClusterWarning({ emit }: FleetController, now: () => number) {
  let since: number | undefined;
  let told = false;
  return (decision: Decision): void => {
    const waiting = notRolledOut(decision).find(({ successor }) => successor?.state === 'pending');
    since = waiting === undefined ? undefined : (since ?? now());
    if (told || waiting === undefined || since === undefined || now() - since < FULL_MS) return;
    told = true;
    emit({
      type: 'warning',
      reason: `job ${waiting.successor?.jobId} waits to replace instance ${waiting.slot} (${waiting.successor?.reason}); if no node is free, run the command again with --max-unavailable 1: a server then stops first`,
    });
  };
}

/**
 * A change that Slurm refused, or that failed before any of it reached Slurm, is undone: the fleet keeps its
 * earlier spec, and a fleet that was new is not deployed. Of several sbatch calls Slurm may have accepted the
 * first: those jobs are cancelled. Rethrows the error.
 */
async function rollback(
  store: FleetStore,
  controller: FleetController,
  { before, spec }: { before: Spec | undefined; spec: Spec },
  error: unknown,
): Promise<never> {
  const kind = error instanceof SandboxctlError ? error.kind : undefined;
  const sent = [...controller.watch.submissions.values()].some(
    ({ generation, closed }) => generation === spec.generation && !closed,
  );
  if (kind === 'locked' || (sent && kind !== 'refused')) throw error;
  const { gateway: _, ...servers } = spec;
  const kept = before ?? { ...servers, nodes: 0 };
  try {
    await store.writeSpec(kept);
    const until = (now: Decision, facts: Facts) => surplusStopping(now) && allProbed(now, facts);
    if (kind === 'refused') await controller.run({ spec: kept, until });
  } catch (again) {
    if (!isUnwritable(again)) throw again;
  }
  throw error;
}

export function interrupted(context: Context, fleet: string): SandboxctlError {
  const reason: unknown = context.signal.reason;
  return new SandboxctlError(reason instanceof SandboxctlError ? reason.kind : 'interrupted', {
    what: `the change of fleet ${fleet} was interrupted; the submitted jobs keep running`,
    hint: `run the same command again to continue, or 'sandboxctl stop --fleet ${fleet}' to cancel the jobs`,
  });
}
