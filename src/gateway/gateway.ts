import { messageOf } from '../errors.js';
import { accessLog } from './access-log.js';
import { Engine, type EngineEvents, type EngineOptions } from './engine.js';
import type { View } from './fair-share/slot-counts.js';
import type { GatewayCounts } from './metrics/counts.js';
import { type GatewaySnapshot, snapshotOf } from './metrics/snapshot.js';
import { OutageWatch } from './outage.js';
import type { GatewayEndpoint } from './types.js';

export interface GatewayOptions extends EngineOptions {
  /** The fleet, again whenever it changes. */
  endpoints: AsyncIterable<readonly GatewayEndpoint[]>;
  /** All gateways of the fleet, again whenever their demands change; none where it is the only one for sure. */
  peers?: AsyncIterable<PeerView>;
  /** Processes that share the port. */
  workers: number;
  /** File that gets one line for each request; null for none. */
  accessLog: string | null;
  told: EngineEvents['told'];
  /** No endpoint is in rotation any more, and that for a while; and the end of that. */
  outage?(begins: boolean): void;
}

export interface PeerView extends View {
  /** Whether all the others have known it for long. */
  settled: boolean;
}

export interface Gateway {
  url: string;
  counts(): Promise<GatewayCounts>;
  snapshot(): Promise<GatewaySnapshot>;
  /** The most requests that were under way at once since this was asked last. */
  demand(): number;
  /** No new connections; requests under way may end, for so many seconds. */
  close(grace: number): Promise<void>;
}

/** What one process or several do alike. */
export interface Works {
  url: string;
  set(endpoints: readonly GatewayEndpoint[]): void;
  see(view: PeerView): void;
  counts(): Promise<GatewayCounts>;
  demand(): number;
  close(grace: number): Promise<void>;
}

/** Starts a gateway. Rejects with what listen() throws. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const since = new Date().toISOString();
  const outage = new OutageWatch((begins) => options.outage?.(begins));
  const counts = async () => ({ ...(await works.counts()), outages: outage.count });
  const works: Works = await begin(options, outage, counts);
  // No part of anything until it is known who else there is.
  if (options.peers !== undefined) works.see({ self: '', demands: new Map(), turn: 0, settled: true });
  let closed = false;
  const follow = async <T>(values: AsyncIterable<T>, take: (value: T) => void) => {
    for await (const value of values) {
      if (closed) return;
      take(value);
    }
  };
  const failed = (error: unknown) => options.told(`the list of endpoints has ended: ${messageOf(error)}`);
  follow(options.endpoints, (endpoints) => works.set(endpoints)).catch(failed);
  if (options.peers !== undefined) follow(options.peers, (view) => works.see(view)).catch(failed);
  return {
    url: works.url,
    counts,
    snapshot: async () => snapshotOf(await counts(), since, new Date().toISOString()),
    demand: () => works.demand(),
    close: async (grace) => {
      await works.close(grace);
      closed = true;
      outage.stop();
    },
  };
}

async function begin(
  options: GatewayOptions,
  outage: OutageWatch,
  whole: () => Promise<GatewayCounts>,
): Promise<Works> {
  if (options.workers > 1) {
    const { startWorkers } = await import('./workers/primary.js');
    return startWorkers(options, outage, whole);
  }
  const access = await accessLog(options.accessLog);
  const engine = new Engine(options, {
    told: options.told,
    rotation: (count) => outage.see(count),
    access: (record) => access?.write(record),
    whole,
  });
  return {
    url: await engine.listen(),
    set: (endpoints) => engine.set(endpoints),
    see: ({ settled, ...view }) => engine.see('gateways', view, settled),
    counts: async () => engine.counts(),
    demand: () => engine.demand(),
    close: async (grace) => {
      await engine.close(grace);
      await access?.close();
    },
  };
}
