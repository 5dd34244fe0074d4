import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { AcceptLimit, BACKLOG } from '../../node/accept-limit.js';
import type { Descriptors } from '../../node/descriptors.js';
import { after } from '../../node.js';
import { urlOf } from '../../text/url.js';

export type Handle = (request: IncomingMessage, response: ServerResponse) => void;

const HEAD_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 120_000;
/** How often Node applies the two timeouts above. */
const TIMEOUT_CHECK_MS = 5_000;
/** Longer than clients' pools keep a connection, so that it is the client who closes it. */
const KEEP_ALIVE_MS = 75_000;

const MAX_HEAD_BYTES = 32_768;

export class HttpFrontend {
  readonly server: Server;

  private readonly unfinished = new Set<ServerResponse>();
  private readonly connections = new Set<Socket>();
  private readonly acceptLimit: AcceptLimit;
  draining = false;

  constructor(handle: Handle, descriptors: Descriptors, onFull: () => void) {
    const limits = {
      headersTimeout: HEAD_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEAD_BYTES,
      // As the RFC has it: HTTP/1.1 requires a host, HTTP/1.0 does not.
      requireHostHeader: true,
    };
    this.server = createServer(limits, (request, response) => this.serve(request, response, handle));
    this.server.on('connection', (socket: Socket) => {
      this.connections.add(socket);
      socket.once('close', () => this.connections.delete(socket));
    });
    this.acceptLimit = new AcceptLimit(this.server, descriptors, () => {
      this.server.closeIdleConnections();
      onFull();
    });
  }

  listen(host: string, port: number): Promise<string> {
    const { server } = this;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, BACKLOG, () => {
        server.off('error', reject);
        const bound = server.address() as AddressInfo;
        resolve(this.acceptLimit.start().then(() => urlOf(host, bound.port)));
      });
    });
  }

  /** Takes no new connections and closes the idle ones; requests under way have `graceMs` to end. */
  async drain(graceMs: number): Promise<void> {
    this.draining = true;
    await this.acceptLimit.stop();
    const closed = new Promise((resolve) => this.server.close(resolve));
    const busy = new Set<Socket | null>();
    for (const response of this.unfinished) {
      // A connection that is kept alive would keep the gateway alive too.
      response.shouldKeepAlive = false;
      busy.add(response.socket);
    }
    for (const socket of this.connections) if (!busy.has(socket)) socket.destroy();
    const cancelForcedClose = after(graceMs, () => this.server.closeAllConnections());
    await closed;
    cancelForcedClose();
  }

  private serve(request: IncomingMessage, response: ServerResponse, handle: Handle): void {
    this.unfinished.add(response);
    response.once('close', () => this.unfinished.delete(response));
    if (this.draining) response.shouldKeepAlive = false;
    handle(request, response);
  }
}
