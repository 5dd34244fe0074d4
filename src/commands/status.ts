import type { Observation } from '../control/observe.js';
import { slotViews } from '../fleet/decide.js';
import type { InstanceView } from '../fleet/instance.js';
import { namedFleet } from '../state/choose-fleet.js';
import { listFleets } from '../state/fleets.js';
import { gatewayWatch } from '../state/gateways.js';
import { keeperStatus } from '../state/keeper.js';
import { recentEvents, recordedCauses } from '../state/recent-events.js';
import { fleetStore } from '../state/store.js';
import { absentFleet } from './absent-fleet.js';
import type { Context } from './context.js';
import { warnDeadKeeper } from './dead-keeper.js';
import { observeFleets } from './observe-fleets.js';
import { recordObservation } from './record-observation.js';
import { redeploy } from './redeploy.js';
import { seeGateways } from './status/gateways.js';
import { idleLine } from './status/idle.js';
import { fleetJson } from './status/json.js';
import { type FleetView, fleetLines } from './status/view.js';

export interface StatusOptions {
  flags: Readonly<Record<string, unknown>>;
}

/** Fleets and their instances as they are now: a table on a terminal or in a pipe, one document with --json. */
export async function status(context: Context, options: StatusOptions): Promise<void> {
  const { config } = await context.config(options.flags);
  const named = namedFleet(context);
  const seen = await observeFleets(context, config, named ?? null);
  const known = await listFleets(context.stateFolder);
  if (named !== undefined && seen.every(isEmpty) && !known.includes(named))
    throw await absentFleet(context.stateFolder, named);
  const fleets = await Promise.all(seen.map((each) => viewOf(context, each, known.includes(each.fleet))));
  const { stdout, stderr } = context.io;
  if (config.json) {
    stdout.write(`${JSON.stringify({ schema_version: 1, fleets: fleets.map(fleetJson) }, null, 2)}\n`);
    return;
  }
  const idle = fleets.filter(isEmpty).flatMap((fleet) => idleLine(fleet, context.clock.now()) ?? []);
  for (const line of idle) stdout.line(line);
  const shown = fleets.filter((fleet) => !isEmpty(fleet));
  if (shown.length + idle.length === 0) {
    const flag = named === undefined ? '' : ` --fleet ${named}`;
    stderr.line(`nothing is deployed; 'sandboxctl deploy${flag} --nodes N' deploys`);
  }
  const width = stdout.isTTY ? stdout.columns : 0;
  for (const [index, fleet] of shown.entries()) {
    if (index > 0) stdout.line('');
    for (const line of fleetLines(fleet, context.clock.now(), width)) stdout.line(line);
    await warnDeadKeeper(context, fleet.fleet);
    if (fleet.spec !== null && slotViews(fleet).some((view) => view.state === 'gone'))
      stderr.line(redeploy(fleet.fleet, fleet.spec.nodes));
  }
}

function isEmpty({ instances, surplus }: Pick<Observation, 'instances' | 'surplus'>): boolean {
  return instances.length === 0 && surplus.length === 0;
}

/** With what the state folder adds. What was seen is recorded there, unless the folder is lost. */
async function viewOf(context: Context, seen: Observation, isKnown: boolean): Promise<FleetView> {
  const store = fleetStore(context.stateFolder, seen.fleet);
  const { spec, instances, gateway, surplus } = seen;
  const gateways = seeGateways(gatewayWatch(store, () => performance.now()));
  const told = recordedCauses(await recentEvents(store.folders.events));
  const found =
    spec !== null && isKnown
      ? (await recordObservation(context, { ...seen, spec }, 'status', () => undefined)).causes
      : new Map<string, string>();
  const explained = <V extends InstanceView>(view: V): V => {
    const cause = found.get(view.jobId ?? '') ?? told.get(view.jobId ?? '');
    return view.state === 'gone' && cause !== undefined ? { ...view, reason: cause } : view;
  };
  return {
    fleet: seen.fleet,
    ...{ spec, surplus },
    instances: instances.map(explained),
    gateway: gateway === null ? null : explained(gateway),
    gateways: await gateways,
    keeper: await keeperStatus(context.stateFolder, seen.fleet, context.clock.now()),
  };
}
