import type { Config } from '../config/settings.js';
import type { FleetController } from '../control/fleet-controller.js';
import { specSubmitter } from '../control/spec-submitter.js';
import { SandboxctlError } from '../errors.js';
import { type Decision, successorViews } from '../fleet/decide.js';
import { isFinished, notRolledOut } from '../fleet/finished.js';
import { type Spec, slotHash } from '../fleet/spec.js';
import type { SpecChange } from './apply-spec.js';
import type { Context } from './context.js';
import { judgeViews } from './deploy/outcome.js';

type Waiting = Pick<Config, 'timeout' | 'pendingTimeout' | 'minReady'>;

export function isReplacing(before: Spec, spec: Spec): boolean {
  const hashes = ['gateway', 0] as const;
  const sameJobs = hashes.every((slot) => slotHash(before, slot) === slotHash(spec, slot));
  return before.nodes > 0 && !(sameJobs && before.freshFrom === spec.freshFrom);
}

export function isRolledOut(decision: Decision, { minReady }: Waiting, { nodes }: Spec): boolean {
  const { instances, gateway } = decision;
  const ready = instances.filter(({ state }) => state === 'ready').length;
  const gatewayReady = gateway === null || gateway.state === 'ready';
  return notRolledOut(decision).length === 0 && gatewayReady && ready >= (minReady ?? nodes);
}

/**
 * Records the earlier spec again, as a new generation, and replaces the servers that were already new. Throws kind
 * `refused` with the reason why the new servers are not ready.
 */
export async function goBack(
  context: Context,
  config: Waiting,
  controller: FleetController,
  failed: { decision: Decision; before: Spec; change: SpecChange },
): Promise<never> {
  const { before, decision } = failed;
  const { store, spec, submitter } = failed.change;
  const { watch, emit } = controller;
  const cause = causeOf(controller, decision, spec);
  const restored = { ...before, generation: spec.generation + 1 };
  await controller.confirmLock();
  await store.writeSpec(restored);
  emit({
    type: 'warning',
    reason: `${cause.message}; going back to the spec of generation ${before.generation}, as generation ${restored.generation}`,
  });
  // These failures belong to the other spec.
  watch.attempted.clear();
  const now = context.clock.now;
  const again = await controller.run({
    spec: restored,
    submitter: await specSubmitter({ ...submitter, store, now }, restored),
    until: isFinished({ ...config, minReady: null }, now),
  });
  const ready = again.instances.filter(({ state }) => state === 'ready').length;
  throw new SandboxctlError('refused', {
    what: `${cause.message}; the fleet went back to its earlier spec: ${ready} of ${restored.nodes} servers are ready`,
    ...(cause.detail === undefined ? {} : { detail: cause.detail }),
    hint: cause.hint,
    tail: [...cause.tail],
  });
}

function causeOf({ failures }: FleetController, decision: Decision, { fleet }: Spec): SandboxctlError {
  const views = [
    ...successorViews(decision),
    ...decision.instances,
    ...(decision.gateway === null ? [] : [decision.gateway]),
  ];
  const unready = views.filter(({ state }) => state !== 'ready');
  try {
    judgeViews(unready, failures, `the new servers of fleet ${fleet} do not become ready`, fleet);
  } catch (error) {
    if (!(error instanceof SandboxctlError)) throw error;
    if (error.kind !== 'waiting') return error;
    return new SandboxctlError('refused', {
      what: `the new servers of fleet ${fleet} did not become ready in time`,
      ...(error.detail === undefined ? {} : { detail: error.detail }),
      hint: `'sandboxctl events --fleet ${fleet}' shows what they waited for; --timeout and --pending-timeout wait longer`,
    });
  }
}
