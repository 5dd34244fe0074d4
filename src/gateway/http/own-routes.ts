import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GatewayCounts } from '../metrics/counts.js';
import { snapshotOf } from '../metrics/snapshot.js';
import { say, sayText } from './answer.js';

export interface OwnRoutes {
  /** What the whole gateway counted. */
  whole(): Promise<GatewayCounts>;
  /** Endpoints in rotation. */
  ready(): number;
  /** Told by `/healthz`; null for none. */
  nonce: string | null;
  /** HTML of `/_sandboxctl`; null for none. */
  page: string | null;
}

const HTML = { 'content-type': 'text/html; charset=utf-8' };

type Allowed = (request: IncomingMessage) => boolean;

/** Answers what is the gateway's own, and who may not come in. Whether it did. */
export function ownRoutes({ whole, ready, nonce, page }: OwnRoutes) {
  const since = new Date().toISOString();
  const routes: Record<string, (response: ServerResponse) => Promise<void>> = {
    ...(page === null ? {} : { '/_sandboxctl': async (response) => sayText(response, 200, page, HTML) }),
    '/metrics': async (response) => {
      const { metricsPage } = await import('../metrics/metrics.js');
      const { text, type } = await metricsPage(await whole());
      sayText(response, 200, text, { 'content-type': type });
    },
    '/_sandboxctl/snapshot.json': async (response) => {
      say(response, 200, snapshotOf(await whole(), since, new Date().toISOString()));
    },
  };
  return (request: IncomingMessage, response: ServerResponse, allowed: Allowed): boolean => {
    const { url = '' } = request;
    if (url === '/healthz') {
      say(response, ready() > 0 ? 200 : 503, { ready: ready(), ...(nonce === null ? {} : { nonce }) });
      return true;
    }
    if (!allowed(request)) {
      say(response, 401, { detail: 'Not authenticated' }, { 'www-authenticate': 'Bearer' });
      return true;
    }
    if (!url.startsWith('/')) {
      say(response, 400, { detail: 'the request names no path' });
      return true;
    }
    if (!url.startsWith('/_') && url !== '/metrics') return false;
    const [path = ''] = url.split('?', 1);
    if (path !== '/metrics' && !/^\/_sandboxctl(\/|$)/.test(path)) return false;
    answerOwn(routes[path], response);
    return true;
  };
}

function answerOwn(
  route: ((response: ServerResponse) => Promise<void>) | undefined,
  response: ServerResponse,
) {
  if (route === undefined) say(response, 404, { detail: 'Not Found' });
  else route(response).catch((error: unknown) => say(response, 500, { detail: String(error) }));
}
