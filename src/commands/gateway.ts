import type { Config } from '../config/settings.js';
import { codeOf, messageOf, SandboxctlError } from '../errors.js';
import type { Gateway } from '../gateway/gateway.js';
import type { Context } from './context.js';
import { baseUrl } from './gateway/base-url.js';
import { gatewayStarter } from './gateway/start.js';
import { succeedGateway } from './gateway/succeed.js';
import { isLoopback, listenAddress, listenError } from './listen.js';

export interface GatewayCommandOptions {
  flags: Readonly<Record<string, unknown>>;
  endpoints: readonly string[];
  workers: string | undefined;
}

export async function gateway(context: Context, options: GatewayCommandOptions): Promise<void> {
  const { env, io, signal } = context;
  const { config, origins } = await context.config(options.flags);
  const { host } = listenAddress(config.listen);
  const urls = [...new Set(options.endpoints.map(baseUrl))];
  const startOn = await gatewayStarter(context, config, urls, workerCount(options.workers ?? '1'));
  const running = await start(config, origins.listen === 'default', startOn);
  // Of a fleet's own gateway, deploy has warned, which has no flag for a token.
  const ofFleet = env.SANDBOXCTL_JOB_FIRST_PORT !== undefined;
  if (config.tokenFile === null && !env.SANDBOXCTL_TOKEN && !isLoopback(host) && !ofFleet) {
    io.stderr.line(
      `warning: no password is required: anyone who can connect to ${running.url} can run code on its servers. --token-file FILE requires a token`,
    );
  }
  io.stderr.line(`sandboxctl gateway: ready on ${running.url}`);
  const { SANDBOXCTL_JOB_PORT_FILE: portFile } = env;
  if (portFile) {
    succeedGateway(context, running, portFile).catch((error: unknown) =>
      io.stderr.line(`warning: the port cannot be passed on to another gateway: ${messageOf(error)}`),
    );
  }
  if (!signal.aborted) {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  }
  await running.close(config.grace);
  // A signal is the normal way to stop a server.
  context.endWith(0);
}

const MAX_WORKERS = 1_000;

function workerCount(text: string): number {
  const workers = Number(text);
  if (/^\d+$/.test(text) && workers >= 1 && workers <= MAX_WORKERS) return workers;
  throw new SandboxctlError('usage', {
    what: `invalid number of processes: ${text}`,
    hint: `--workers takes a whole number from 1 to ${MAX_WORKERS}`,
  });
}

async function start(
  { listen }: Config,
  anyPort: boolean,
  startOn: (address: { host: string; port: number }) => Promise<Gateway>,
): Promise<Gateway> {
  const address = listenAddress(listen);
  try {
    return await startOn(address).catch((error: unknown) => {
      if (!anyPort || codeOf(error) !== 'EADDRINUSE') throw error;
      return startOn({ ...address, port: 0 });
    });
  } catch (error) {
    throw listenError(error, listen);
  }
}
