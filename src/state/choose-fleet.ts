import { SandboxctlError } from '../errors.js';
import { checkFleetName, DEFAULT_FLEET } from '../fleet/names.js';
import { listFleets } from './fleets.js';

export interface FleetChoice {
  globals: { fleet: string | undefined };
  env: NodeJS.ProcessEnv;
  stateFolder: string;
}

/**
 * --fleet, else SANDBOXCTL_FLEET, else the only fleet, else the only one not stopped, else `sandbox`. Throws kind
 * `usage` for an invalid name, and where several fleets exist and none is named.
 */
export async function chooseFleet(context: FleetChoice): Promise<string> {
  const named = namedFleet(context);
  if (named !== undefined) return named;
  const [first, ...others] = await listFleets(context.stateFolder);
  if (first === undefined) return DEFAULT_FLEET;
  if (others.length === 0) return first;
  const deployed = await deployedOf(context.stateFolder, [first, ...others]);
  if (deployed.length < 2) return deployed[0] ?? DEFAULT_FLEET;
  throw new SandboxctlError('usage', {
    what: `there are ${deployed.length} fleets: say which one`,
    detail: deployed.join('\n'),
    hint: 'name one with --fleet or SANDBOXCTL_FLEET',
  });
}

/** Throws kind `usage` for an invalid name. */
export function namedFleet({ globals, env }: Pick<FleetChoice, 'globals' | 'env'>): string | undefined {
  const named = globals.fleet ?? (env.SANDBOXCTL_FLEET || undefined);
  return named === undefined ? undefined : checkFleetName(named);
}

async function deployedOf(stateFolder: string, names: readonly string[]): Promise<string[]> {
  const { fleetStore } = await import('./store.js');
  const specs = await Promise.all(
    names.map((name) =>
      fleetStore(stateFolder, name)
        .readSpec()
        .catch(() => undefined),
    ),
  );
  return names.filter((_, at) => specs[at]?.nodes !== 0);
}
