import type { Observation } from '../../control/observe.js';
import { leftOutNodes, pausedSlots } from '../../fleet/faults.js';
import type { InstanceView } from '../../fleet/instance.js';
import { readFaults } from '../../state/faults.js';
import { gatewayWatch } from '../../state/gateways.js';
import { keeperStatus } from '../../state/keeper.js';
import { recentEvents, recordedCauses } from '../../state/recent-events.js';
import { fleetStore } from '../../state/store.js';
import type { Context } from '../context.js';
import { deadKeeper } from '../dead-keeper.js';
import { recordObservation } from '../record-observation.js';
import { seeGateways } from './gateways.js';
import type { FleetView } from './view.js';

/**
 * The observation of a fleet, with what the state folder adds. `recorded`: the observation is recorded there, which
 * must not happen if the folder is lost.
 */
export async function viewOf(
  context: Context,
  seen: Observation,
  {
    recorded,
    watch = gatewayWatch(fleetStore(context.stateFolder, seen.fleet), () => performance.now()),
  }: { recorded: boolean; watch?: ReturnType<typeof gatewayWatch> },
): Promise<FleetView> {
  const store = fleetStore(context.stateFolder, seen.fleet);
  const { fleet, spec, instances, gateway, surplus, replacements } = seen;
  const successors = replacements.flatMap(({ successor }) => successor ?? []);
  const gateways = seeGateways(
    watch,
    [gateway, ...successors, ...surplus].filter((job) => job !== null),
  );
  const keeper = await keeperStatus(context.stateFolder, fleet, context.clock.now());
  const now = context.clock.now();
  const faults = await readFaults(store.folders.faults);
  const events = await recentEvents(store.folders.events);
  const told = recordedCauses(events);
  const found =
    spec !== null && recorded
      ? (await recordObservation(context, { ...seen, spec }, 'status', () => undefined)).causes
      : new Map<string, string>();
  const explained = <V extends InstanceView>(view: V): V => {
    const cause = found.get(view.jobId ?? '') ?? told.get(view.jobId ?? '');
    return view.state === 'gone' && cause !== undefined ? { ...view, reason: cause } : view;
  };
  return {
    ...{ fleet, spec, surplus, replacements, events },
    instances: instances.map(explained),
    gateway: gateway === null ? null : explained(gateway),
    gateways: await gateways,
    keeper,
    deadKeeper: deadKeeper(context, fleet, keeper),
    leftOut: leftOutNodes(faults, now),
    pauses: spec === null ? new Map() : pausedSlots(spec, faults),
  };
}
