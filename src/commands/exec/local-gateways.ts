import type { Config } from '../../config/settings.js';
import { codeOf, SandboxctlError } from '../../errors.js';
import type { Gateway } from '../../gateway/gateway.js';
import { fleetStore } from '../../state/store.js';
import { chooseFleet } from '../choose-fleet.js';
import type { Context } from '../context.js';
import { gatewayStarter } from '../gateway/start.js';
import { wakeIdleFleet } from '../keep/wake.js';
import { listenError } from '../listen.js';
import { type OtherNodes, otherNodes } from './other-nodes.js';

/** The gateways of one exec, one per node of the job, all on the same port of 127.0.0.1. */
export interface LocalGateways {
  port: number;

  hasHealthyServer(): Promise<boolean>;
  serverProblems(): Promise<string>;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
/** 8080 first, since one client has it built in; 0 is any free port. */
const PORTS = [8080, 0, 0, 0, 0, 0];

/** Starts a gateway here and on the other nodes of our job. Throws kind `tool` if no port is free on all of them. */
export async function openGateways(
  context: Context,
  config: Config,
  urls: readonly string[],
): Promise<LocalGateways> {
  // No token: only this machine can connect, and the variables for clients cannot carry one.
  const { SANDBOXCTL_TOKEN: _, ...env } = context.env;
  const begin = await gatewayStarter({ ...context, env }, { ...config, tokenFile: null }, urls);
  if (urls.length === 0) await wakeOrReject(context);
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
      if (await others.start(port)) return gatewaysOf(gateway, port, others);
    } catch (error) {
      await gateway.close(0);
      throw error;
    }
    await gateway.close(0);
  }
  throw last ?? noPortError(context);
}

function gatewaysOf(gateway: Gateway, port: number, others: OtherNodes): LocalGateways {
  return {
    port,
    hasHealthyServer: async () => (await gateway.snapshot()).endpoints.some(({ state }) => state === 'in'),
    serverProblems: async () => {
      const { endpoints } = await gateway.snapshot();
      const lines = endpoints.map(
        ({ url, ejections }) => `${url}: ${ejections[0]?.reason ?? 'not checked yet'}`,
      );
      return lines.join('\n') || 'no server is listed';
    },
    close: async () => {
      await Promise.all([gateway.close(0), others.stop()]);
    },
  };
}

/** Waiting for a stopped fleet would never end. */
async function wakeOrReject(context: Context): Promise<void> {
  const fleet = await chooseFleet(context);
  if ((await fleetStore(context.stateFolder, fleet).readSpec())?.nodes !== 0) return;
  if (await wakeIdleFleet(context, fleet)) return;
  throw new SandboxctlError('absent', {
    what: `fleet ${fleet} was stopped`,
    hint: "'sandboxctl deploy' starts it again",
  });
}

function noPortError({ env }: Context): SandboxctlError {
  return new SandboxctlError('tool', {
    what: `no port was free on every node of job ${env.SLURM_JOB_ID}`,
    hint: "stop the process that listens there ('ss -ltnp' shows it), or try again",
  });
}
