import { setTimeout as pause } from 'node:timers/promises';
import { SYSTEM_CLOCK } from '../../../src/gateway/clock.js';
import { type Started, startFor } from '../../gateway/start.js';
import type { Client, Program, Target, Told } from './clients.js';
import type { Fault, Setting } from './faults.js';
import { MatrixServer } from './server.js';

const PROGRAMS = 8;
const AT_ONCE = 4;
/** Seconds, by the client's clock, after which the gateway answers clients without a limit. */
const MAX_PATIENCE_S = 45;

/** The worst of what a client makes of correct programs. */
export async function outcomeOf(client: Client, fault: Fault, setting: Setting): Promise<Told> {
  const { scale } = client;
  const listed: { unlist(url: string): void } = { unlist: () => undefined };
  let onEvent = (): void => undefined;
  const event = new Promise<void>((resolve) => {
    onEvent = resolve;
  });
  const options = { ...{ scale, event, onEvent }, unlist: (url: string) => listed.unlist(url) };
  const servers = await Promise.all([
    MatrixServer.start({ ...options, fault }),
    MatrixServer.start({ ...options, fault: setting === 'all' ? fault : null }),
  ]);
  const urls = servers.map(({ url }) => url);
  const timeout = secondsOf(fault);
  const begin = () => Promise.all(servers.map((each) => each.begin()));
  try {
    if (setting === 'direct') {
      await begin();
      return await told(client, fault, {
        urls: client.takesList ? urls : urls.slice(0, 1),
        isGateway: false,
        timeout,
      });
    }
    return await behindGateway(urls, client, fault, async (gateway) => {
      listed.unlist = (url) => gateway.listing.set(urls.filter((each) => each !== url));
      await begin();
    });
  } finally {
    await Promise.all(servers.map((each) => each.close()));
  }
}

async function behindGateway(
  urls: readonly string[],
  client: Client,
  fault: Fault,
  begin: (gateway: Started) => Promise<void>,
): Promise<Told> {
  const { scale } = client;
  const { slots = 32 } = fault.burst ?? {};
  const { now, after } = SYSTEM_CLOCK;
  const gateway = await startFor(urls, {
    ...{
      limit: slots / 2,
      canaryEvery: 1,
      canaryTimeout: 3 * scale,
      maxClientTimeout: MAX_PATIENCE_S,
    },
    clock: { now: () => now() * scale, after: (ms, act) => after(ms / scale, act) },
  });
  try {
    while (!(await gateway.snapshot()).endpoints.every(({ state }) => state === 'in')) await pause(10);
    await begin(gateway);
    return await told(client, fault, { urls: [gateway.url], isGateway: true, timeout: secondsOf(fault) });
  } finally {
    await gateway.stop();
  }
}

/** Clients of a burst wait as long as their own defaults let them. */
const secondsOf = ({ burst }: Fault) => (burst === undefined ? 5 : 30);

async function told(client: Client, { burst }: Fault, target: Target): Promise<Told> {
  const count = burst?.programs ?? PROGRAMS;
  const programs = Array.from(
    { length: count },
    (_, n): Program => ({ code: `print("${n}")`, prints: `${n}` }),
  );
  return worst(await client.judgeAll(target, programs, burst === undefined ? AT_ONCE : count));
}

const RANK: readonly Told[] = ['right', 'masked', 'stuck', 'wrong'];

function worst(told: readonly Told[]): Told {
  return RANK[Math.max(...told.map((each) => RANK.indexOf(each)))] ?? 'wrong';
}
