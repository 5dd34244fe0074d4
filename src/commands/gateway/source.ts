import { hostname } from 'node:os';
import { wakeup } from '../../control/wakeup.js';
import { SteppedDemand } from '../../gateway/fair-share/stepped-demand.js';
import type { Gateway, GatewayOptions } from '../../gateway/gateway.js';
import type { GatewayCounts } from '../../gateway/metrics/counts.js';
import type { GatewayEndpoint } from '../../gateway/types.js';
import { chooseFleet } from '../../state/choose-fleet.js';
import { watchUsableEndpoints } from '../../state/gateway-endpoints.js';
import { gatewayId, shareWithGateways } from '../../state/gateways.js';
import { type FleetStore, fleetStore } from '../../state/store.js';
import { absentFleet } from '../absent-fleet.js';
import type { Context } from '../context.js';

/** Where a gateway gets its endpoints from, and which other gateways share them. */
export interface Source {
  lists: Pick<GatewayOptions, 'endpoints' | 'peers'>;
  /** Publishes the running gateway to the others. */
  onStarted(gateway: Gateway, token: string | null): void;
  /** Resolves once the gateway is no longer published. */
  stopped(): Promise<void>;
}

/** The given URLs, or else the fleet's endpoints. Throws kind `absent` if there is no fleet. */
export async function sourceFor(
  context: Context,
  urls: readonly string[],
): Promise<(signal: AbortSignal) => Source> {
  if (urls.length > 0) {
    return () => ({
      lists: { endpoints: fixedList(urls) },
      onStarted: () => undefined,
      stopped: async () => undefined,
    });
  }
  const fleet = await chooseFleet(context);
  const store = fleetStore(context.stateFolder, fleet);
  if ((await store.readSpec()) === undefined) {
    throw await absentFleet(context.stateFolder, fleet, '--endpoint URL uses servers without a fleet');
  }
  return (signal) => fleetSource(context, store, signal);
}

async function* fixedList(urls: readonly string[]): AsyncGenerator<GatewayEndpoint[]> {
  yield urls.map((url) => ({ url, limit: null, nonce: null, node: null, jobId: null }));
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** How long the demand must have been lower before the lower value is published. */
const DEMAND_HOLD_MS = 30_000;

function fleetSource(context: Context, store: FleetStore, signal: AbortSignal): Source {
  const { clock, env, io } = context;
  const running = deferred<{ gateway: Gateway; token: string | null }>();
  const left = deferred<void>();
  const news = wakeup(clock.sleep);
  signal.addEventListener('abort', news.notify, { once: true });
  let draining: readonly string[] = [];
  const endpoints = watchUsableEndpoints({
    ...{ store, signal, now: clock.now, sleep: clock.sleep },
    onDraining: (jobIds) => {
      if (jobIds.join() !== draining.join()) news.notify();
      draining = jobIds;
    },
    onFailure: (words) => io.stderr.line(`warning: cannot read the fleet's files: ${words}`),
  });
  async function* peers() {
    const { gateway, token } = await running.promise;
    const demand = new SteppedDemand(DEMAND_HOLD_MS);
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
          // Read before the counts, so that the counts are those of a gateway that sends these jobs nothing new.
          const ending = draining;
          const counts = await gateway.counts();
          return {
            demand: demand.update(gateway.demand(), performance.now()),
            under_way: counts.under_way,
            draining: Object.fromEntries(ending.map((id) => [id, runsOn(id, counts)])),
          };
        },
        onFailure: (words) => io.stderr.line(`warning: cannot publish this gateway to the others: ${words}`),
      });
    } finally {
      left.resolve();
    }
  }
  return {
    lists: { endpoints, peers: peers() },
    onStarted: (gateway, token) => running.resolve({ gateway, token }),
    stopped: () => left.promise,
  };
}

function runsOn(jobId: string, { endpoints }: GatewayCounts): number {
  return endpoints.reduce(
    (sum, { job_id, in_flight, held }) => (job_id === jobId ? sum + in_flight + held : sum),
    0,
  );
}
