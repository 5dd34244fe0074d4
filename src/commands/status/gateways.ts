import { hostname } from 'node:os';
import { askGateway } from '../../control/ask-gateway.js';
import type { InstanceView } from '../../fleet/instance.js';
import type { GatewaySnapshot } from '../../gateway/metrics/snapshot.js';
import type { GatewayRegistration, gatewayWatch } from '../../state/gateways.js';
import { urlOf } from '../../text/url.js';
import { isLoopback } from '../listen.js';

export interface SeenGateway {
  url: string;
  jobId: string | null;
  /** Null if it does not answer, or only with a token. */
  snapshot: GatewaySnapshot | null;
  auth: GatewayRegistration['auth'];
  /** The other machine on whose loopback address alone it listens; null if it can be asked from here. */
  onlyOn: string | null;
}

/** `jobs`: those of the fleet's own gateway, whose URLs are known. */
export async function seeGateways(
  watch: ReturnType<typeof gatewayWatch>,
  jobs: readonly Pick<InstanceView, 'jobId' | 'url'>[],
): Promise<SeenGateway[]> {
  const live = await watch.registrations();
  return Promise.all(
    live.map(async (registered) => {
      const { job_id, auth, host } = registered;
      const url = urlToCall(registered, jobs);
      const onlyOn = isLoopback(new URL(url).hostname) && host !== hostname() ? host : null;
      const snapshot = auth === null && onlyOn === null ? await askGateway(url) : undefined;
      return { url, jobId: job_id, auth, onlyOn, snapshot: (snapshot as unknown as GatewaySnapshot) ?? null };
    }),
  );
}

/** Addresses that mean "listen on every interface": nobody can call a gateway at them. */
function urlToCall(
  { url, host, job_id }: GatewayRegistration,
  jobs: readonly Pick<InstanceView, 'jobId' | 'url'>[],
): string {
  const listens = new URL(url);
  if (!['0.0.0.0', '[::]'].includes(listens.hostname)) return url;
  const known = jobs.find(({ jobId }) => jobId !== null && jobId === job_id)?.url;
  return known ?? urlOf(host === hostname() ? '127.0.0.1' : host, Number(listens.port || 80));
}

export const statusPageOf = (url: string): string => `${url}/_sandboxctl`;

/** `3 of 3 in rotation, 12.5/s, 0 waiting, p99 35 ms, 2 failed` */
export function gatewayLine({ snapshot, auth, onlyOn }: SeenGateway): string {
  if (onlyOn !== null) return `can only be asked on ${onlyOn}`;
  if (snapshot === null) return auth === null ? 'no answer' : 'requires a token';
  const { endpoints, queue, requests, draining } = snapshot;
  const listed = endpoints.filter(({ state }) => state !== 'draining');
  const rate = endpoints.reduce((sum, each) => sum + each.rate, 0);
  const slowest = Math.max(...endpoints.map(({ p99_ms }) => p99_ms ?? 0), 0);
  const servers = `${listed.filter(({ state }) => state === 'in').length} of ${listed.length} in rotation`;
  return [
    ...(draining ? ['draining'] : []),
    servers,
    `${rate.toFixed(1)} runs/s`,
    `${queue.waiting} waiting`,
    ...(slowest > 0 ? [`p99 ${milliseconds(slowest)}`] : []),
    `${requests.failed + requests.refused} failed`,
  ].join(', ');
}

function milliseconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
