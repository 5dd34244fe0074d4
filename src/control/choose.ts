import { SandboxctlError } from '../errors.js';
import { checkFleetName, DEFAULT_FLEET } from '../fleet/names.js';
import { listFleets } from './store.js';

/** The part of a command's context that says which fleet is meant. */
export interface FleetChoice {
  globals: { fleet: string | undefined };
  env: NodeJS.ProcessEnv;
  stateFolder: string;
}

/**
 * The fleet to work on: --fleet, else SANDBOXCTL_FLEET, else the only fleet of the state folder, else
 * `sandbox`. Throws kind `usage` for a name that is none, and where several fleets are there and none
 * is named.
 */
export async function chooseFleet(context: FleetChoice): Promise<string> {
  const named = context.globals.fleet ?? (context.env.SANDBOXCTL_FLEET || undefined);
  if (named !== undefined) return checkFleetName(named);
  const [first, ...others] = await listFleets(context.stateFolder);
  if (first === undefined) return DEFAULT_FLEET;
  if (others.length === 0) return first;
  throw new SandboxctlError('usage', {
    what: `there are ${others.length + 1} fleets: say which one`,
    words: [first, ...others].join('\n'),
    hint: 'name one with --fleet or SANDBOXCTL_FLEET',
  });
}
