import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { after } from '../../node.js';

export type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/** Milliseconds for a request's head, and for all of it: who is slower holds a connection for nothing. */
const HEAD_MS = 15_000;
const REQUEST_MS = 120_000;
/** How often Node looks for those. Milliseconds. */
const LOOK_MS = 5_000;
/** Longer than the pools of clients keep a connection, so that they are the ones who close it. */
const KEEP_ALIVE_MS = 75_000;
/** Bytes of a head. */
const HEAD_CAP = 32_768;

/** The side of the gateway that clients see: connections, their limits and their end. */
export class Front {
  readonly server: Server;
  /** Answers that are not sent to their end. */
  private readonly open = new Set<ServerResponse>();
  private readonly connections = new Set<Socket>();
  draining = false;

  constructor(handle: Handle) {
    const limits = {
      headersTimeout: HEAD_MS,
      requestTimeout: REQUEST_MS,
      connectionsCheckingInterval: LOOK_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: HEAD_CAP,
      // Some clients of old speak HTTP/1.0; a host is asked for where the RFC does.
      requireHostHeader: true,
    };
    this.server = createServer(limits, (request, response) => this.serve(request, response, handle));
    this.server.on('connection', (socket: Socket) => {
      this.connections.add(socket);
      socket.once('close', () => this.connections.delete(socket));
    });
  }

  /** Resolves with its URL. Rejects with what listen() throws. */
  listen(host: string, port: number): Promise<string> {
    const { server } = this;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        const bound = server.address() as AddressInfo;
        resolve(`http://${host.includes(':') ? `[${host}]` : host}:${bound.port}`);
      });
    });
  }

  /** No new connections; requests under way may end within `graceMs`. */
  async drain(graceMs: number): Promise<void> {
    this.draining = true;
    const closed = new Promise((resolve) => this.server.close(resolve));
    const busy = new Set<Socket | null>();
    for (const response of this.open) {
      // A connection that is kept would keep this gateway, too.
      response.shouldKeepAlive = false;
      busy.add(response.socket);
    }
    for (const socket of this.connections) if (!busy.has(socket)) socket.destroy();
    const over = after(graceMs, () => this.server.closeAllConnections());
    await closed;
    over();
  }

  private serve(request: IncomingMessage, response: ServerResponse, handle: Handle): void {
    this.open.add(response);
    response.once('close', () => this.open.delete(response));
    if (this.draining) response.shouldKeepAlive = false;
    handle(request, response);
  }
}
