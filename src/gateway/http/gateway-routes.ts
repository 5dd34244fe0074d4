import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ForeignRequestGuard } from '../../api/foreign-request.js';
import { GATEWAY_IDENTITY, identify } from '../../api/identity.js';
import { INTERVAL_MS } from '../metrics/history.js';
import { type GatewayReport, snapshotOf } from '../metrics/snapshot.js';
import { sendJson, sendText } from './send.js';

export interface GatewayRoutesOptions {
  report(): Promise<GatewayReport>;
  /** Number of endpoints in rotation; 0 while the gateway drains. */
  /** Servers in rotation; 0 for a port that clients should not use. */
  ready(port: number): number;
  allowed(request: IncomingMessage): boolean;
  foreign: ForeignRequestGuard;
  /** By which the gateway proves that it is its job's; null for none. */
  secret: string | null;
  nonce: string | null;
  page: string | null;
}

const HTML = { 'content-type': 'text/html; charset=utf-8' };

/** Rejects requests without the token and those of other sites' web pages. Returns whether it sent a response. */
export function gatewayRoutes(options: GatewayRoutesOptions) {
  const { report, ready, secret, nonce, page, allowed, foreign } = options;
  const since = new Date().toISOString();
  const routes: Record<string, (response: ServerResponse) => Promise<void>> = {
    ...(page === null ? {} : { '/_sandboxctl': async (response) => sendText(response, 200, page, HTML) }),
    '/metrics': async (response) => {
      const { metricsPage } = await import('../metrics/prometheus.js');
      const { text, type } = await metricsPage((await report()).counts);
      sendText(response, 200, text, { 'content-type': type });
    },
    '/_sandboxctl/snapshot.json': async (response) => {
      sendJson(response, 200, snapshotOf(await report(), since, new Date().toISOString()));
    },
    '/_sandboxctl/history.json': async (response) => {
      const { history } = await report();
      sendJson(response, 200, { schema_version: 1, interval_s: INTERVAL_MS / 1000, points: history });
    },
  };
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const { url = '' } = request;
    const isHealthCheck = url === '/healthz';
    const detail = (isHealthCheck ? undefined : foreign.wrongHost(request)) ?? foreign.otherSite(request);
    if (detail !== undefined) {
      sendJson(response, 403, { detail });
      return true;
    }
    if (isHealthCheck) {
      const servers = ready(request.socket.localPort ?? 0);
      sendJson(response, servers > 0 ? 200 : 503, { ready: servers, ...(nonce === null ? {} : { nonce }) });
      return true;
    }
    if (url.startsWith(`${GATEWAY_IDENTITY}?`)) {
      const { status, body } = identify(secret, url, request.socket.localPort);
      sendJson(response, status, body);
      return true;
    }
    if (!allowed(request)) {
      sendJson(response, 401, { detail: 'Not authenticated' }, { 'www-authenticate': 'Bearer' });
      return true;
    }
    if (!url.startsWith('/')) {
      sendJson(response, 400, { detail: 'the request target is not a path' });
      return true;
    }
    if (url === '/' && page !== null && /^(GET|HEAD)$/.test(request.method ?? '')) {
      sendText(response, 200, greeting(request), { 'content-type': 'text/plain; charset=utf-8' });
      return true;
    }
    if (!url.startsWith('/_') && url !== '/metrics') return false;
    const [path = ''] = url.split('?', 1);
    if (path !== '/metrics' && !/^\/_sandboxctl(\/|$)/.test(path)) return false;
    serveRoute(routes[path], response);
    return true;
  };
}

/** The address is that by which the caller has reached it. */
function greeting({ headers: { host = '' } }: IncomingMessage): string {
  return [
    'sandboxctl gateway: it forwards programs to the servers of a fleet (POST /run_code)',
    `status page: ${/^[\w.:[\]-]+$/.test(host) ? `http://${host}` : ''}/_sandboxctl`,
    '',
  ].join('\n');
}

function serveRoute(
  route: ((response: ServerResponse) => Promise<void>) | undefined,
  response: ServerResponse,
) {
  if (route === undefined) sendJson(response, 404, { detail: 'Not Found' });
  else route(response).catch((error: unknown) => sendJson(response, 500, { detail: String(error) }));
}
