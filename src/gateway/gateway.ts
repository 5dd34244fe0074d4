import { messageOf } from '../errors.js';
import { accessLog } from './access-log.js';
import type { Clock } from './clock.js';
import type { Usage } from './fair-share/slot-account.js';
import type { FleetFacts } from './fleet-facts.js';
import { GatewayProcess, type ProcessEvents, type ProcessOptions } from './gateway-process.js';
import type { GatewayCounts } from './metrics/counts.js';
import { History, INTERVAL_MS } from './metrics/history.js';
import { type GatewayReport, type GatewaySnapshot, snapshotOf } from './metrics/snapshot.js';
import { OutageWatch } from './outage.js';
import type { GatewayEndpoint } from './types.js';

export interface GatewayOptions extends ProcessOptions {
  /** The list of endpoints, again after every change. */
  endpoints: AsyncIterable<readonly GatewayEndpoint[]>;
  /** For the status page; left out if there is no fleet. */
  fleet?: (() => Promise<FleetFacts>) | undefined;
  /** Number of processes that share the port. */
  workers: number;
  accessLog: string | null;
  onLog: ProcessEvents['onLog'];
  /** Of a gateway of one process; absent: the machine's. */
  clock?: Clock;
  /** Called when an outage begins (true) and ends (false). */
  onOutage?(begins: boolean): void;
}

export interface Gateway {
  url: string;
  counts(): Promise<GatewayCounts>;
  snapshot(): Promise<GatewaySnapshot>;
  usage(): Usage;
  setSlots(slots: ReadonlyMap<string, number>): void;
  /** Undefined for a gateway of several processes. */
  ports: PortPassing | undefined;
  /** Takes no new connections and gives requests under way `grace` seconds to end. */
  close(grace: number): Promise<void>;
}

/** Between a gateway and its successor on the same machine, by a name that both know. */
export interface PortPassing {
  /** Returns the port that was taken over; null for none. */
  takePort(name: string): Promise<number | null>;
  givePort(name: string): void;
  /** Whether `/healthz` may say that it is healthy. */
  announce(isReady: boolean): void;
}

export interface GatewayHandle {
  url: string;
  set(endpoints: readonly GatewayEndpoint[]): void;
  usage(): Usage;
  setSlots(slots: ReadonlyMap<string, number>): void;
  counts(): Promise<GatewayCounts>;
  ports?: PortPassing;
  close(grace: number): Promise<void>;
}

/** Starts a gateway. Rejects with what listen() throws. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const since = new Date().toISOString();
  const outage = new OutageWatch((begins) => options.onOutage?.(begins));
  const counts = async () => ({ ...(await handle.counts()), outages: outage.count });
  const history = new History();
  const fleet = async () => (await options.fleet?.().catch(() => null)) ?? null;
  const report = async () => ({ counts: await counts(), history: history.points, fleet: await fleet() });
  const handle: GatewayHandle = await startProcesses(options, outage, report);
  const stopHistory = keepHistory(history, handle, counts);
  let closed = false;
  const follow = async <T>(values: AsyncIterable<T>, take: (value: T) => void) => {
    for await (const value of values) {
      if (closed) return;
      take(value);
    }
  };
  const failed = (error: unknown) =>
    options.onLog(`error: the list of endpoints is no longer followed: ${messageOf(error)}`);
  follow(options.endpoints, (endpoints) => handle.set(endpoints)).catch(failed);
  return {
    url: handle.url,
    counts,
    snapshot: async () =>
      snapshotOf({ counts: await counts(), fleet: await fleet() }, since, new Date().toISOString()),
    usage: () => handle.usage(),
    setSlots: (slots) => handle.setSlots(slots),
    ports: handle.ports,
    close: async (grace) => {
      stopHistory();
      await handle.close(grace);
      closed = true;
      outage.stop();
    },
  };
}

/** Milliseconds between two looks at the queue. */
const QUEUE_LOOK_MS = 1_000;

function keepHistory(
  history: History,
  handle: GatewayHandle,
  counts: () => Promise<GatewayCounts>,
): () => void {
  const add = () =>
    void counts().then(
      (now) => history.add(now, Date.now()),
      () => undefined,
    );
  add();
  const looks = setInterval(() => history.sawWaiting(handle.usage().waiting), QUEUE_LOOK_MS);
  const intervals = setInterval(add, INTERVAL_MS);
  return () => {
    clearInterval(looks);
    clearInterval(intervals);
  };
}

async function startProcesses(
  options: GatewayOptions,
  outage: OutageWatch,
  gatewayReport: () => Promise<GatewayReport>,
): Promise<GatewayHandle> {
  if (options.workers > 1) {
    const { startWorkers } = await import('./workers/primary.js');
    return startWorkers(options, outage, gatewayReport);
  }
  const log = await accessLog(options.accessLog);
  const events: ProcessEvents = {
    onLog: options.onLog,
    onRotation: (count) => outage.update(count),
    onComplete: (record) => log?.write(record),
    gatewayReport,
  };
  const gatewayProcess = new GatewayProcess(options, events, options.clock);
  return {
    url: await gatewayProcess.listen(),
    set: (endpoints) => gatewayProcess.set(endpoints),
    usage: () => gatewayProcess.usage(),
    setSlots: (slots) => gatewayProcess.setSlots(slots),
    counts: async () => gatewayProcess.counts(),
    ports: gatewayProcess,
    close: async (grace) => {
      await gatewayProcess.close(grace);
      await log?.close();
    },
  };
}
