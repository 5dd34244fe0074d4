import type { Config } from '../config/settings.js';
import { codeOf, SandboxctlError } from '../errors.js';
import type { Gateway } from '../gateway/gateway.js';
import type { Context } from './context.js';
import { baseUrl } from './gateway/base-url.js';
import { gatewayStarter } from './gateway/start.js';
import { isLoopback, listenAddress, listenError } from './listen.js';

export interface GatewayCommandOptions {
  flags: Readonly<Record<string, unknown>>;
  /** URLs of servers to use instead of a fleet. */
  endpoints: readonly string[];
  /** Processes that share the port, as the user typed it. */
  workers: string | undefined;
}

/** Runs a gateway until SIGTERM or SIGINT, then lets the requests under way end. */
export async function gateway(context: Context, options: GatewayCommandOptions): Promise<void> {
  const { env, io, signal } = context;
  const { config, origins } = await context.config(options.flags);
  const { host } = listenAddress(config.listen);
  const urls = [...new Set(options.endpoints.map(baseUrl))];
  const starter = await gatewayStarter(context, config, urls, count(options.workers ?? '1'));
  const running = await start(config, origins.listen === 'default', starter);
  if (config.tokenFile === null && !env.SANDBOXCTL_TOKEN && !isLoopback(host)) {
    io.stderr.line(
      `warning: whoever reaches ${running.url} may run programs on its servers: --token-file asks for a token`,
    );
  }
  io.stderr.line(`sandboxctl gateway: ready on ${running.url}`);
  if (!signal.aborted) {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  }
  await running.close(config.grace);
  // A server is stopped by a signal: that is its good end.
  context.endWith(0);
}

/** Far above one process per CPU of any node there is. */
const WORKERS_MAX = 1_000;

function count(text: string): number {
  const workers = Number(text);
  if (/^\d+$/.test(text) && workers >= 1 && workers <= WORKERS_MAX) return workers;
  throw new SandboxctlError('usage', {
    what: `not a number of processes: ${text}`,
    hint: `--workers takes a whole number from 1 to ${WORKERS_MAX}`,
  });
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
