import { hostname } from 'node:os';
import { wakeup } from '../../control/wakeup.js';
import { SandboxctlError } from '../../errors.js';
import { Demand } from '../../gateway/fair-share/demand.js';
import type { Gateway, GatewayOptions } from '../../gateway/gateway.js';
import type { GatewayCounts } from '../../gateway/metrics/counts.js';
import type { GatewayEndpoint } from '../../gateway/types.js';
import { chooseFleet } from '../../state/choose-fleet.js';
import { watchUsableEndpoints } from '../../state/gateway-endpoints.js';
import { gatewayId, shareWithGateways } from '../../state/gateways.js';
import { type FleetStore, fleetStore } from '../../state/store.js';
import type { Context } from '../context.js';

/** Where a gateway gets its endpoints from, and the other gateways that share them. */
export interface Source {
  lists: Pick<GatewayOptions, 'endpoints' | 'peers'>;
  /** The gateway runs: others may know of it. */
  begin(gateway: Gateway, token: string | null): void;
  /** Resolves when nothing tells of it any more. */
  ended(): Promise<void>;
}

/** The URLs that were named, else a fleet: for one start of a gateway. Throws kind `absent` without a fleet. */
export async function sourceFor(
  context: Context,
  urls: readonly string[],
): Promise<(signal: AbortSignal) => Source> {
  if (urls.length > 0) {
    const begin = () => undefined;
    return () => ({ lists: { endpoints: once(urls) }, begin, ended: async () => undefined });
  }
  const fleet = await chooseFleet(context);
  const store = fleetStore(context.stateFolder, fleet);
  if ((await store.readSpec()) === undefined) {
    throw new SandboxctlError('absent', {
      what: `nothing is deployed under the name '${fleet}'`,
      hint: "'sandboxctl deploy' makes a fleet; --endpoint URL names servers that are none of a fleet",
    });
  }
  return (signal) => fleetSource(context, store, signal);
}

async function* once(urls: readonly string[]): AsyncGenerator<GatewayEndpoint[]> {
  yield urls.map((url) => ({ url, limit: null, nonce: null, node: null, jobId: null }));
}

/** A promise that is kept from outside. */
function later<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** How long its demand must have been lower until others are told. Milliseconds. */
const DEMAND_HOLD_MS = 30_000;

function fleetSource(context: Context, store: FleetStore, signal: AbortSignal): Source {
  const { clock, env, io } = context;
  const running = later<{ gateway: Gateway; token: string | null }>();
  const left = later<void>();
  const news = wakeup(clock.sleep);
  signal.addEventListener('abort', news.notify, { once: true });
  let draining: readonly string[] = [];
  const endpoints = watchUsableEndpoints({
    ...{ store, signal, now: clock.now, sleep: clock.sleep },
    onDraining: (jobIds) => {
      if (jobIds.join() !== draining.join()) news.notify();
      draining = jobIds;
    },
    onFailure: (words) => io.stderr.line(`warning: the fleet's files cannot be read: ${words}`),
  });
  async function* peers() {
    const { gateway, token } = await running.promise;
    const held = new Demand(DEMAND_HOLD_MS);
    const self = {
      id: gatewayId(gateway.url),
      url: gateway.url,
      host: hostname(),
      pid: process.pid,
      job_id: env.SANDBOXCTL_JOB_ID ?? env.SLURM_JOB_ID ?? null,
      since: new Date(clock.now()).toISOString(),
      auth: token === null ? null : ('bearer' as const),
    };
    try {
      yield* shareWithGateways({
        ...{ store, signal, self, pause: news.pause, now: () => performance.now() },
        state: async () => {
          // Before the counts are asked for: they are then of a gateway that sends these nothing any more.
          const ending = draining;
          const counts = await gateway.counts();
          return {
            demand: held.see(gateway.demand(), performance.now()),
            under_way: counts.under_way,
            draining: Object.fromEntries(ending.map((id) => [id, runsOn(id, counts)])),
          };
        },
        onFailure: (words) => io.stderr.line(`warning: other gateways cannot be told of this one: ${words}`),
      });
    } finally {
      left.resolve();
    }
  }
  return {
    lists: { endpoints, peers: peers() },
    begin: (gateway, token) => running.resolve({ gateway, token }),
    ended: () => left.promise,
  };
}

function runsOn(jobId: string, { endpoints }: GatewayCounts): number {
  return endpoints.reduce(
    (sum, { job_id, in_flight, held }) => (job_id === jobId ? sum + in_flight + held : sum),
    0,
  );
}
