import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chooseFleet as choose } from '../state/choose-fleet.js';
import { fleetFolders } from '../state/folders.js';
import type { Context } from './context.js';

export async function chooseFleet(context: Context): Promise<string> {
  const fleet = await choose(context);
  // Loaded only for a fleet that is kept: `endpoints` may run in a loop.
  if (existsSync(join(fleetFolders(context.stateFolder, fleet).folder, 'keep.json')))
    await (await import('./dead-keeper.js')).warnDeadKeeper(context, fleet);
  return fleet;
}
