import type { Config } from '../../config/settings.js';
import { codeOf, SandboxctlError } from '../../errors.js';
import type { Gateway } from '../../gateway/gateway.js';
import { chooseFleet } from '../../state/choose-fleet.js';
import { fleetStore } from '../../state/store.js';
import type { Context } from '../context.js';
import { gatewayStarter } from '../gateway/start.js';
import { listenError } from '../listen.js';
import { type Others, otherNodes } from './others.js';

/** The gateways of one exec, all on one port of 127.0.0.1. */
export interface Front {
  port: number;
  /** Whether a run would find a server that works. */
  serves(): Promise<boolean>;
  /** What is wrong with the servers, one line each. */
  words(): Promise<string>;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
/** The usual port first, since one client has it built in; then any that this node has free: 0. */
const PORTS = [8080, 0, 0, 0, 0, 0];

/** Starts a gateway here and on the other nodes of our job. Throws kind `tool` where no port is free on all. */
export async function openFront(context: Context, config: Config, urls: readonly string[]): Promise<Front> {
  // Only this machine reaches it, and no client that is told of it could send a token.
  const { SANDBOXCTL_TOKEN: _, ...env } = context.env;
  const begin = await gatewayStarter({ ...context, env }, { ...config, tokenFile: null }, urls);
  if (urls.length === 0) await refuseStopped(context);
  const others = await otherNodes(context, urls);
  let last: unknown;
  for (const wanted of PORTS) {
    const gateway = await begin({ host: HOST, port: wanted }).catch((error: unknown) => {
      if (codeOf(error) !== 'EADDRINUSE') throw listenError(error, `${HOST}:${wanted}`);
      last = listenError(error, `${HOST}:${wanted}`);
      return undefined;
    });
    if (gateway === undefined) continue;
    const port = Number(new URL(gateway.url).port);
    try {
      if (await others.start(port)) return frontOf(gateway, port, others);
    } catch (error) {
      await gateway.close(0);
      throw error;
    }
    await gateway.close(0);
  }
  throw last ?? noPort(context);
}

function frontOf(gateway: Gateway, port: number, others: Others): Front {
  return {
    port,
    serves: async () => (await gateway.snapshot()).endpoints.some(({ state }) => state === 'in'),
    words: async () => {
      const { endpoints } = await gateway.snapshot();
      const told = endpoints.map(
        ({ url, ejections }) => `${url}: ${ejections[0]?.reason ?? 'not proven yet'}`,
      );
      return told.join('\n') || 'no server is listed';
    },
    close: async () => {
      await Promise.all([gateway.close(0), others.stop()]);
    },
  };
}

/** A fleet that starts is waited for; one that was stopped would be for ever. */
async function refuseStopped(context: Context): Promise<void> {
  const fleet = await chooseFleet(context);
  if ((await fleetStore(context.stateFolder, fleet).readSpec())?.nodes !== 0) return;
  throw new SandboxctlError('absent', {
    what: `fleet ${fleet} was stopped`,
    hint: "'sandboxctl deploy' starts it again",
  });
}

function noPort({ env }: Context): SandboxctlError {
  return new SandboxctlError('tool', {
    what: `no port was free on every node of job ${env.SLURM_JOB_ID}`,
    hint: "end what listens there ('ss -ltn' shows it), or try again",
  });
}
