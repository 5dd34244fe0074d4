import type { Observation } from '../control/observe.js';
import { namedFleet } from '../state/choose-fleet.js';
import { listFleets } from '../state/fleets.js';
import { absentFleet } from './absent-fleet.js';
import type { Context } from './context.js';
import { warnDeadKeeper } from './dead-keeper.js';
import { observeFleets } from './observe-fleets.js';
import { viewOf } from './status/fleet-view.js';
import { idleLine } from './status/idle.js';
import { fleetJson } from './status/json.js';
import { nextStepOf } from './status/next-step.js';
import { fleetLines } from './status/view.js';

export interface StatusOptions {
  flags: Readonly<Record<string, unknown>>;
  follow?: boolean;
}

/** Fleets and their instances as they are now: a table on a terminal or in a pipe, one document with --json. */
export async function status(context: Context, options: StatusOptions): Promise<void> {
  const { config } = await context.config(options.flags);
  if (options.follow) {
    const { followStatus } = await import('./status/follow.js');
    return followStatus(context, config);
  }
  const named = namedFleet(context);
  const seen = await observeFleets(context, config, named ?? null);
  const known = await listFleets(context.stateFolder);
  if (named !== undefined && seen.every(isEmpty) && !known.includes(named))
    throw await absentFleet(context.stateFolder, named);
  const fleets = await Promise.all(
    seen.map((each) => viewOf(context, each, { recorded: known.includes(each.fleet) })),
  );
  const { stdout, stderr } = context.io;
  if (config.json) {
    for (const { fleet } of fleets) await warnDeadKeeper(context, fleet);
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
    const next = nextStepOf(fleet, context.clock.now());
    if (next !== undefined) stderr.line(next);
  }
}

function isEmpty({ instances, surplus }: Pick<Observation, 'instances' | 'surplus'>): boolean {
  return instances.length === 0 && surplus.length === 0;
}
