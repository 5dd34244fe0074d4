import type { InstanceView } from '../../fleet/instance.js';
import { slotNumber } from '../../fleet/slot.js';
import { statusPageOf } from './gateways.js';
import { keeperJson } from './keeper.js';
import { leftOutJson } from './left-out.js';
import type { FleetView } from './view.js';

/** One fleet in `status --json`: keys are added, never removed or renamed. */
export function fleetJson({
  fleet,
  spec,
  instances,
  gateway,
  gateways,
  keeper,
  surplus,
  leftOut,
}: FleetView) {
  return {
    fleet,
    generation: spec?.generation ?? null,
    nodes: spec?.nodes ?? null,
    partition: spec?.job.slurm.partition ?? null,
    image: spec?.job.image ?? null,
    gateway: gateway === null ? null : instanceJson(gateway),
    gateways: gateways.map(({ url, jobId, snapshot }) => ({
      ...{ url, job_id: jobId, page: statusPageOf(url) },
      queue: snapshot?.queue ?? null,
      requests: snapshot?.requests ?? null,
    })),
    instances: instances.map(instanceJson),
    surplus: surplus.map(instanceJson),
    keeper: keeperJson(keeper),
    left_out: leftOutJson(leftOut),
  };
}

function instanceJson(view: InstanceView) {
  return {
    instance: slotNumber(view.instance),
    state: view.state,
    reachable: view.reachable,
    reason: view.reason,
    job_id: view.jobId,
    job_state: view.jobState,
    node: view.node,
    url: view.url,
    started_at: view.startedAt,
    expires_at: view.expiresAt,
    expected_start: view.expectedStart,
    cpus: view.cpus,
  };
}
