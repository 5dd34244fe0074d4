import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type ForeignRequestGuard, foreignRequestGuard, type OwnHosts } from '../../api/foreign-request.js';
import { runTarget } from '../../api/run-target.js';
import { tokenGuard } from '../../api/token-guard.js';
import { messageOf } from '../../errors.js';
import { NoRoom, Stalled } from '../../http/bodies.js';
import type { Transfers } from '../../http/transfers.js';
import { AcceptLimit, BACKLOG } from '../../node/accept-limit.js';
import { Descriptors } from '../../node/descriptors.js';
import { after } from '../../node.js';
import { Refused } from '../queue/queue.js';
import { ClientTimedOut } from '../types.js';
import { type Answer, infraAnswer, send } from './answer.js';
import type { Routes } from './routes.js';

export interface HttpOptions {
  routes: Routes;
  token: string | null;
  hosts: OwnHosts | null;
  transfers: Transfers;
  onFull(descriptors: number): void;
}

/** Health checks have no token, and a ping tells nothing. */
const OPEN = '/v1/ping';
/** Longer than the pools of clients keep a connection, so that they are the ones who close it. */
const KEEP_ALIVE_MS = 75_000;
/** Milliseconds in which a request must be here; how long its program may take is judged elsewhere. */
const LIMITS = {
  headersTimeout: 15_000,
  requestTimeout: 120_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: KEEP_ALIVE_MS,
};
/** Milliseconds for callers to take their last answers. */
const FAREWELL_MS = 5000;

export class HttpServer {
  readonly server: Server;
  private readonly routes: Routes;
  private readonly allowed: (request: IncomingMessage) => boolean;
  private readonly foreign: ForeignRequestGuard;
  private readonly transfers: Transfers;
  private readonly connections = new Set<Socket>();
  private readonly underWay = new Map<AbortController, Socket>();
  private draining = false;
  private readonly acceptLimit: AcceptLimit;

  constructor({ routes, token, hosts, transfers, onFull }: HttpOptions) {
    this.transfers = transfers;
    this.routes = routes;
    this.allowed = tokenGuard(token);
    this.foreign = foreignRequestGuard(hosts);
    this.server = createServer(LIMITS, (request, response) => void this.serve(request, response));
    this.server.on('connection', (socket: Socket) => {
      this.connections.add(socket);
      socket.on('close', () => this.connections.delete(socket));
    });
    const descriptors = new Descriptors();
    this.acceptLimit = new AcceptLimit(this.server, descriptors, () => {
      this.server.closeIdleConnections();
      onFull(descriptors.limit);
    });
  }

  /** Resolves with the port. Rejects with what listen() throws. */
  listen(host: string, port: number): Promise<number> {
    const { server } = this;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, BACKLOG, () => {
        server.off('error', reject);
        const { port: bound } = server.address() as AddressInfo;
        resolve(this.acceptLimit.start().then(() => bound));
      });
    });
  }

  async drain(grace: number): Promise<void> {
    this.draining = true;
    await this.acceptLimit.stop();
    const closed = new Promise((resolve) => this.server.close(resolve));
    // Not closeIdleConnections(): for Node, one that never sent a request is busy, for a minute.
    const busy = new Set(this.underWay.values());
    for (const each of this.connections) if (!busy.has(each)) each.destroy();
    const giveUp = () => {
      for (const each of this.underWay.keys()) each.abort(new Refused('the server is stopping'));
    };
    const timers = [
      after(grace * 1000, giveUp),
      after(grace * 1000 + FAREWELL_MS, () => this.server.closeAllConnections()),
    ];
    await closed;
    for (const each of timers) each();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    this.underWay.set(gone, request.socket);
    response.on('close', () => {
      this.underWay.delete(gone);
      if (!response.writableFinished) gone.abort(new Error('the client hung up'));
    });
    const answer = await this.answered(request, gone.signal);
    // Also where the request came before: a connection that is kept would keep this server, too.
    if (this.draining && !response.headersSent) response.setHeader('connection', 'close');
    if (!request.complete) response.shouldKeepAlive = false;
    try {
      await send(response, answer, this.transfers);
    } catch {
      // An answer that cannot be written is one caller's trouble, not the end of the server.
      response.destroy();
    }
  }

  private async answered(request: IncomingMessage, signal: AbortSignal): Promise<Answer> {
    try {
      return await this.answer(request, signal);
    } catch (error) {
      return failed(error, signal);
    }
  }

  private answer(request: IncomingMessage, signal: AbortSignal): Promise<Answer> | Answer {
    const path = pathOf(request.url ?? '/');
    const detail =
      (path === OPEN ? undefined : this.foreign.wrongHost(request)) ?? this.foreign.otherSite(request);
    if (detail !== undefined) return { status: 403, body: { detail } };
    if (path !== OPEN && !this.allowed(request)) {
      const headers = { 'www-authenticate': 'Bearer' };
      return { status: 401, body: { detail: 'Not authenticated' }, headers };
    }
    const methods = this.at(path);
    if (methods === undefined) return this.elsewhere(path);
    const handler = methods[request.method ?? ''];
    if (handler === undefined) {
      const allow = Object.keys(methods).join(', ');
      return { status: 405, body: { detail: 'Method Not Allowed' }, headers: { allow } };
    }
    if (this.draining && request.method === 'POST') throw new Refused('the server is stopping');
    return handler(request, signal);
  }

  private at(path: string): Routes[string] | undefined {
    const route = runTarget(path);
    return Object.hasOwn(this.routes, route) ? this.routes[route] : undefined;
  }

  /** The recorded server's router redirects a trailing slash. */
  private elsewhere(path: string): Answer {
    const bare = path.slice(0, -1);
    if (!path.endsWith('/') || this.at(bare) === undefined) {
      return { status: 404, body: { detail: 'Not Found' } };
    }
    return { status: 307, text: '', headers: { location: bare, 'content-type': 'text/plain' } };
  }
}

/** Proxies may send a whole URL, and any character may be percent-encoded. */
function pathOf(target: string): string {
  const [path = '/'] = target.replace(/^https?:\/\/[^/?]*/i, '').split('?');
  try {
    return decodeURIComponent(path) || '/';
  } catch {
    return path;
  }
}

function failed(error: unknown, signal: AbortSignal): Answer {
  const reason: unknown = signal.aborted ? signal.reason : error;
  const words = messageOf(reason);
  if (error instanceof Stalled) return { ...infraAnswer(408, { detail: words }, words) };
  if (reason instanceof Refused || reason instanceof NoRoom || reason instanceof ClientTimedOut)
    return infraAnswer(504, { detail: words }, words);
  return { ...infraAnswer(500, { detail: words, traceback: [] }, words) };
}
