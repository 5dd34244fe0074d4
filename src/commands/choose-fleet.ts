import { chooseFleet as choose } from '../state/choose-fleet.js';
import type { Context } from './context.js';
import { warnDeadKeeper } from './dead-keeper.js';

/** The fleet to work on, with a warning where its keeper is dead. */
export async function chooseFleet(context: Context): Promise<string> {
  const fleet = await choose(context);
  await warnDeadKeeper(context, fleet);
  return fleet;
}
