import type { Config } from '../../config/settings.js';
import { type Gateway, startGateway } from '../../gateway/gateway.js';
import type { Context } from '../context.js';
import { readJobSecret } from '../job-secret.js';
import { acceptedHosts } from '../listen.js';
import { readToken } from '../token.js';
import { onOutage } from './on-outage.js';
import { statusPage } from './page.js';
import { sourceFor } from './source.js';

interface Listening {
  host: string;
  port: number;
}

/**
 * The returned function listens, and rejects with what listen() throws. Throws kind `absent` if there is no fleet.
 */
export async function gatewayStarter(
  context: Context,
  config: Config,
  urls: readonly string[],
  workers = 1,
): Promise<(address: Listening) => Promise<Gateway>> {
  const { env, io } = context;
  const token = await readToken(config.tokenFile, env);
  const endpointToken = config.endpointTokenFile && (await readToken(config.endpointTokenFile, {}));
  const job = await readJobSecret(context);
  const source = await sourceFor(context, urls);
  const page = await statusPage();
  return async (address) => {
    const stop = new AbortController();
    const { lists, onStarted, stopped } = source(stop.signal);
    const running = await startGateway({
      ...address,
      ...lists,
      hosts: acceptedHosts(address.host, token, config, env),
      ...{ token, endpointToken, page, workers, ...job },
      ...optionsFrom(config),
      onLog: (line) => io.stderr.line(line),
      onOutage: onOutage(context, config.onOutage),
    }).catch((error: unknown) => {
      stop.abort();
      throw error;
    });
    onStarted(running, token);
    return {
      ...running,
      close: async (grace) => {
        await running.close(grace);
        stop.abort();
        await stopped();
      },
    };
  };
}

function optionsFrom(config: Config) {
  const { bodyLimit, tries, verify, canaryEvery, canaryTimeout, accessLog } = config;
  return {
    ...{ bodyLimit, tries, verify, canaryEvery, canaryTimeout, accessLog },
    defaultLimit: config.endpointLimit,
    maxQueue: config.maxQueue,
    maxClientTimeout: config.maxPatience,
  };
}
