import type { Config } from '../config/settings.js';
import { chooseFleet } from '../control/choose.js';
import { watchUsableEndpoints } from '../control/gateway-endpoints.js';
import { fleetStore } from '../control/store.js';
import { codeOf, SandboxctlError } from '../errors.js';
import { type Gateway, startGateway } from '../gateway/gateway.js';
import type { GatewayEndpoint } from '../gateway/types.js';
import type { Context } from './context.js';
import { accessLog } from './gateway/access-log.js';
import { isLoopback, listenAddress, listenError } from './listen.js';
import { readToken } from './token.js';

export interface GatewayCommandOptions {
  flags: Readonly<Record<string, unknown>>;
  /** URLs of servers to use instead of a fleet. */
  endpoints: readonly string[];
}

/** Runs a gateway until SIGTERM or SIGINT, then lets the requests under way end. */
export async function gateway(context: Context, options: GatewayCommandOptions): Promise<void> {
  const { env, io, signal } = context;
  const { config, origins } = await context.config(options.flags);
  const { host } = listenAddress(config.listen);
  const token = await readToken(config.tokenFile, env);
  const endpointToken = config.endpointTokenFile && (await readToken(config.endpointTokenFile, {}));
  const stop = new AbortController();
  const endpoints =
    options.endpoints.length > 0
      ? named([...new Set(options.endpoints.map(baseUrl))], stop.signal)
      : await fleetEndpoints(context, stop.signal);
  const access = await accessLog(config.accessLog);
  const running = await start(config, origins.listen === 'default', (address) =>
    startGateway({
      ...config,
      ...address,
      ...{ endpoints, token, endpointToken },
      defaultLimit: config.endpointLimit,
      longestQueue: config.maxQueue,
      longestPatience: config.maxPatience,
      told: (line) => io.stderr.line(line),
      ...(access === undefined ? {} : { access: access.write }),
    }),
  );
  if (token === null && !isLoopback(host)) {
    io.stderr.line(
      `warning: whoever reaches ${running.url} may run programs on its servers: --token-file asks for a token`,
    );
  }
  io.stderr.line(`sandboxctl gateway: ready on ${running.url}`);
  if (!signal.aborted) {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  }
  stop.abort();
  await running.close(config.grace);
  await access?.close();
  // A server is stopped by a signal: that is its good end.
  context.endWith(0);
}

/** On the address that was asked for; where nobody asked, another port will do. */
async function start(
  { listen }: Config,
  anyPort: boolean,
  begin: (address: { host: string; port: number }) => Promise<Gateway>,
): Promise<Gateway> {
  const address = listenAddress(listen);
  try {
    return await begin(address).catch((error: unknown) => {
      if (!anyPort || codeOf(error) !== 'EADDRINUSE') throw error;
      return begin({ ...address, port: 0 });
    });
  } catch (error) {
    throw listenError(error, listen);
  }
}

async function* named(urls: readonly string[], signal: AbortSignal): AsyncGenerator<GatewayEndpoint[]> {
  yield urls.map((url) => ({ url, limit: null, nonce: null, node: null, jobId: null }));
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
}

/** People write the URL with a slash at its end, or with the path that verl wants. Throws kind `usage`. */
function baseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' && url.search === '' && url.username === '') {
    return `http://${url.host}${url.pathname.replace(/\/+$/, '').replace(/\/run_code$/, '')}`;
  }
  throw new SandboxctlError('usage', {
    what: `not the URL of a server: ${text}`,
    hint: '--endpoint takes a URL such as http://node1:8080',
  });
}

async function fleetEndpoints(
  context: Context,
  signal: AbortSignal,
): Promise<AsyncIterable<GatewayEndpoint[]>> {
  const { clock, io, stateFolder } = context;
  const fleet = await chooseFleet(context);
  const store = fleetStore(stateFolder, fleet);
  if ((await store.readSpec()) === undefined) {
    throw new SandboxctlError('absent', {
      what: `nothing is deployed under the name '${fleet}'`,
      hint: "'sandboxctl deploy' makes a fleet; --endpoint URL names servers that are none of a fleet",
    });
  }
  return watchUsableEndpoints({
    ...{ store, now: clock.now, sleep: clock.sleep, signal },
    onFailure: (words) => io.stderr.line(`warning: the fleet's files cannot be read: ${words}`),
  });
}
