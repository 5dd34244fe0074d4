import { askGateway } from '../../control/ask-gateway.js';
import type { GatewaySnapshot } from '../../gateway/metrics/snapshot.js';
import type { GatewayRegistration, gatewayWatch } from '../../state/gateways.js';

export interface SeenGateway {
  url: string;
  jobId: string | null;
  /** Null if it does not answer, or only with a token. */
  snapshot: GatewaySnapshot | null;
  auth: GatewayRegistration['auth'];
}

export async function seeGateways(watch: ReturnType<typeof gatewayWatch>): Promise<SeenGateway[]> {
  const live = await watch.registrations();
  return Promise.all(
    live.map(async ({ url, job_id, auth }) => {
      const snapshot = auth === null ? await askGateway(url) : undefined;
      return { url, jobId: job_id, auth, snapshot: (snapshot as unknown as GatewaySnapshot) ?? null };
    }),
  );
}

export const statusPageOf = (url: string): string => `${url}/_sandboxctl`;

/** `3 of 3 in rotation, 12.5/s, 0 waiting, p99 35 ms, 2 failed` */
export function gatewayLine({ snapshot, auth }: SeenGateway): string {
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
