import { NONCE_VARIABLE } from '../../api/canary.js';
import type { Config } from '../../config/settings.js';
import { chooseFleet } from '../../control/choose.js';
import { watchUsableEndpoints } from '../../control/gateway-endpoints.js';
import { fleetStore } from '../../control/store.js';
import { SandboxctlError } from '../../errors.js';
import { type Gateway, startGateway } from '../../gateway/gateway.js';
import type { GatewayEndpoint } from '../../gateway/types.js';
import type { Context } from '../context.js';
import { readToken } from '../token.js';
import { accessLog } from './access-log.js';
import { statusPage } from './page.js';

interface Listening {
  host: string;
  port: number;
}

/**
 * Gets all that a gateway needs, for the servers named or else for the fleet. What comes back starts it on an
 * address, rejecting with what listen() throws. Throws kind `absent` where there is no fleet.
 */
export async function gatewayStarter(
  context: Context,
  config: Config,
  urls: readonly string[],
): Promise<(address: Listening) => Promise<Gateway>> {
  const { env, io } = context;
  const token = await readToken(config.tokenFile, env);
  const endpointToken = config.endpointTokenFile && (await readToken(config.endpointTokenFile, {}));
  const fleet = urls.length > 0 ? undefined : await deployedFleet(context);
  const page = await statusPage();
  return async (address) => {
    const stop = new AbortController();
    const access = await accessLog(config.accessLog);
    const running = await startGateway({
      ...config,
      ...address,
      ...{ token, endpointToken, page, nonce: env[NONCE_VARIABLE] ?? null },
      endpoints: fleet === undefined ? named(urls, stop.signal) : fleetEndpoints(context, fleet, stop.signal),
      defaultLimit: config.endpointLimit,
      longestQueue: config.maxQueue,
      longestPatience: config.maxPatience,
      told: (line) => io.stderr.line(line),
      ...(access === undefined ? {} : { access: access.write }),
    }).catch(async (error: unknown) => {
      stop.abort();
      await access?.close();
      throw error;
    });
    return {
      ...running,
      close: async (grace) => {
        stop.abort();
        await running.close(grace);
        await access?.close();
      },
    };
  };
}

async function* named(urls: readonly string[], signal: AbortSignal): AsyncGenerator<GatewayEndpoint[]> {
  yield urls.map((url) => ({ url, limit: null, nonce: null, node: null, jobId: null }));
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
}

async function deployedFleet(context: Context): Promise<string> {
  const fleet = await chooseFleet(context);
  if ((await fleetStore(context.stateFolder, fleet).readSpec()) !== undefined) return fleet;
  throw new SandboxctlError('absent', {
    what: `nothing is deployed under the name '${fleet}'`,
    hint: "'sandboxctl deploy' makes a fleet; --endpoint URL names servers that are none of a fleet",
  });
}

function fleetEndpoints(
  { clock, io, stateFolder }: Context,
  fleet: string,
  signal: AbortSignal,
): AsyncIterable<GatewayEndpoint[]> {
  return watchUsableEndpoints({
    ...{ store: fleetStore(stateFolder, fleet), now: clock.now, sleep: clock.sleep, signal },
    onFailure: (words) => io.stderr.line(`warning: the fleet's files cannot be read: ${words}`),
  });
}
