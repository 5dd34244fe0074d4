import { hostname } from 'node:os';
import { wakeup } from '../../control/wakeup.js';
import { Ledger } from '../../gateway/fair-share/ledger.js';
import type { Gateway, GatewayOptions } from '../../gateway/gateway.js';
import type { GatewayCounts } from '../../gateway/metrics/counts.js';
import type { GatewayEndpoint } from '../../gateway/types.js';
import { watchUsableEndpoints } from '../../state/gateway-endpoints.js';
import { gatewayId, LEASE_MS, shareWithGateways, watchGateways } from '../../state/gateways.js';
import { type FleetStore, fleetStore } from '../../state/store.js';
import { absentFleet } from '../absent-fleet.js';
import { chooseFleet } from '../choose-fleet.js';
import type { Context } from '../context.js';
import { fleetFacts } from './fleet-facts.js';

/** Where a gateway gets its endpoints from, and which other gateways share them. */
export interface Source {
  lists: Pick<GatewayOptions, 'endpoints' | 'shared' | 'fleet'>;
  onStarted(gateway: Gateway, token: string | null): void;
  stopped(): Promise<void>;
}

/** Throws kind `absent` if there is no fleet. */
export async function sourceFor(
  context: Context,
  urls: readonly string[],
): Promise<(signal: AbortSignal) => Source> {
  if (urls.length > 0) {
    return () => ({
      lists: { endpoints: fixedList(urls), shared: false },
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

/** Milliseconds until gateways that start together have seen each other, also on NFS. */
const SETTLE_MS = 10_000;
/** Milliseconds after which a gateway with queued requests and no slot gets one. */
const TURN_MS = 3_000;
const LOOK_MS = 100;

function fleetSource(context: Context, store: FleetStore, signal: AbortSignal): Source {
  const { clock, env, io } = context;
  const left = deferred<void>();
  const news = wakeup(clock.sleep);
  let isNews = false;
  const notify = () => {
    isNews = true;
    news.notify();
  };
  signal.addEventListener('abort', notify, { once: true });
  let draining: readonly string[] = [];
  const endpoints = watchUsableEndpoints({
    ...{ store, signal, now: clock.now, sleep: clock.sleep },
    onDraining: (jobIds) => {
      if (jobIds.join() !== draining.join()) notify();
      draining = jobIds;
    },
    onFailure: (words) => io.stderr.line(`warning: cannot read the fleet's files: ${words}`),
  });
  const share = async (gateway: Gateway, token: string | null) => {
    const now = () => performance.now();
    const since = new Date(clock.now()).toISOString();
    const self = {
      id: gatewayId(gateway.url),
      url: gateway.url,
      host: hostname(),
      pid: process.pid,
      job_id: env.SANDBOXCTL_JOB_ID ?? env.SLURM_JOB_ID ?? null,
      since,
      auth: token === null ? null : ('bearer' as const),
    };
    const timing = { leaseMs: LEASE_MS, settleMs: SETTLE_MS, turnMs: TURN_MS };
    const ledger = new Ledger({ id: `${self.id} ${since} ${process.pid}`, now, ...timing });
    const apply = () => gateway.setSlots(ledger.limits());
    let unwatch: (() => void) | undefined;
    await shareWithGateways({
      ...{ store, signal, self, now, joining: ledger.joining() },
      state: async (others) => {
        // Read before the counts, so that the counts include no later request to these jobs.
        const ending = draining;
        const account = ledger.beat(others, gateway.usage());
        apply();
        const counts = await gateway.counts();
        return {
          demand: account.demand,
          under_way: counts.under_way,
          draining: Object.fromEntries(ending.map((id) => [id, runsOn(id, counts)])),
          in_rotation: counts.endpoints
            .flatMap(({ job_id, state }) => (state === 'in' && job_id !== null ? [job_id] : []))
            .sort(),
          account,
        };
      },
      onPublished: (account, at) => {
        // Only now does the folder exist.
        unwatch ??= watchGateways(store, self.id, notify);
        ledger.published(account, at);
        apply();
      },
      pause: async (ms) => {
        const end = now() + ms;
        do {
          await news.pause(Math.min(LOOK_MS, Math.max(0, end - now())));
          // Also if others take its slots because its publication failed.
          apply();
        } while (now() < end && !isNews && !ledger.isUrgent(gateway.usage()));
        isNews = false;
      },
      onFailure: (words) => io.stderr.line(`warning: cannot publish this gateway to the others: ${words}`),
    });
    unwatch?.();
    left.resolve();
  };
  return {
    lists: { endpoints, shared: true, fleet: fleetFacts(context, store) },
    onStarted: (gateway, token) => void share(gateway, token),
    stopped: () => left.promise,
  };
}

function runsOn(jobId: string, { endpoints }: GatewayCounts): number {
  return endpoints.reduce(
    (sum, { job_id, in_flight, held }) => (job_id === jobId ? sum + in_flight + held : sum),
    0,
  );
}
