import { endpointsFile } from '../client/index.js';
import { readEndpoints } from '../endpoints/file.js';
import { SandboxctlError } from '../errors.js';
import { fleetStore } from '../state/store.js';
import { absentFleet } from './absent-fleet.js';
import type { Context } from './context.js';
import { redeploy } from './redeploy.js';
import { readToken } from './token.js';

/** Returns a reader of the fleet's ready servers. Throws if none is ready at the start. */
export async function fleetEndpoints(
  context: Context,
  fleet: string,
): Promise<() => Promise<readonly string[]>> {
  const store = fleetStore(context.stateFolder, fleet);
  const urls = endpointsFile(store.folders.endpoints, context.clock.now);
  if ((await urls()).length > 0) return urls;
  const nodes = (await store.readSpec())?.nodes ?? 0;
  if (nodes > 0) {
    throw new SandboxctlError('refused', {
      what: `no server of fleet ${fleet} is ready`,
      detail: `looked in ${store.folders.endpoints}`,
      hint: `'sandboxctl status --fleet ${fleet}' shows their state; ${redeploy(fleet, nodes)}, and waits for the others`,
      failure: 'server-not-ready',
    });
  }
  throw await absentFleet(
    context.stateFolder,
    fleet,
    "'sandboxctl deploy --cluster local --nodes 1' creates one on this machine",
  );
}

/** Null for servers that do not require a token: it is never sent to those. Throws if one is required and none is given. */
export async function fleetToken(
  { path, env, stateFolder }: Context,
  tokenFile: string | undefined,
  fleet: string,
): Promise<string | null> {
  const file = await readEndpoints(fleetStore(stateFolder, fleet).folders.endpoints);
  if (![file?.gateway, ...(file?.endpoints ?? [])].some((each) => each?.auth === 'bearer')) return null;
  const named = tokenFile ?? env.SANDBOXCTL_TOKEN_FILE;
  const token = await readToken(named ? path(named) : null, env);
  if (token !== null) return token;
  throw new SandboxctlError('usage', {
    what: `the servers of fleet ${fleet} ask for a token`,
    hint: 'name its file with --token-file',
  });
}
