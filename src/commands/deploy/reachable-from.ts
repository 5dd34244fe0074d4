import type { FleetController } from '../../control/fleet-controller.js';
import { unreachableFrom } from '../../control/probe-from.js';
import { SandboxctlError } from '../../errors.js';
import type { ServerView } from '../../fleet/instance.js';
import type { Scheduler } from '../../scheduler/port.js';

/** Health-checks the ready servers from a node of `partition`. Throws kind `refused` if it cannot reach all of them. */
export async function checkReachableFrom(
  partition: string,
  scheduler: Scheduler,
  { watch, emit }: FleetController,
  instances: readonly ServerView[],
): Promise<void> {
  const ready = instances.filter((view) => view.state === 'ready');
  const { registrations } = await watch.snapshot();
  const unreachable = await unreachableFrom(scheduler, partition, ready, registrations);
  if (unreachable.length === 0) {
    const reason = `all ${ready.length} can be reached from partition ${partition} too`;
    emit({ type: 'endpoints', reason });
    return;
  }
  throw new SandboxctlError('refused', {
    what: `${unreachable.length} of ${ready.length} servers cannot be reached from partition ${partition}`,
    detail: unreachable.map((view) => view.url).join(' '),
    hint: 'try another --endpoint-host, such as ip or interface:NAME; or ask your administrator to open the ports',
    failure: 'server-not-reached-from',
  });
}
