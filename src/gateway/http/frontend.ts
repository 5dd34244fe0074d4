import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, Server as Listener, type Socket } from 'node:net';
import { AcceptLimit, BACKLOG } from '../../node/accept-limit.js';
import type { Descriptors } from '../../node/descriptors.js';
import { givePort, takePort } from '../../node/pass-port.js';
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
  /** Of the gateway before this one on this machine. */
  private heirloom: Listener | undefined;
  private withdraw: (() => void) | undefined;
  private isLeaving = false;
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

  /**
   * Also listens on the port of the gateway that gives it under this name, which then accepts no more. Returns that
   * port; null if nobody gives one.
   */
  async takePort(name: string): Promise<number | null> {
    const handle = await takePort(name);
    if (handle === undefined) return null;
    const listener = new Listener({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.server.emit('connection', socket);
    });
    await new Promise<void>((resolve) => listener.listen(handle, BACKLOG, resolve));
    this.heirloom = listener;
    return (listener.address() as AddressInfo).port;
  }

  /** Whether clients are to use this port: not its own any more, once another was taken over. */
  isCurrent(port: number): boolean {
    if (this.draining) return false;
    const address = this.heirloom?.address() as AddressInfo | null | undefined;
    return address === undefined || this.isLeaving || port === address?.port;
  }

  /** Lets a successor of this machine take the port; clients of connections that are open are told to open others. */
  givePort(name: string): void {
    const listener = this.heirloom ?? this.server;
    this.withdraw = givePort(listener, name, () => {
      this.isLeaving = true;
      for (const response of this.unfinished) response.shouldKeepAlive = false;
      // Not the close() of an HTTP server, which would also end its connections.
      Listener.prototype.close.call(listener);
    });
  }

  /** Takes no new connections and closes the idle ones; requests under way have `graceMs` to end. */
  async drain(graceMs: number): Promise<void> {
    this.draining = true;
    this.withdraw?.();
    await this.acceptLimit.stop();
    const listeners = this.heirloom === undefined ? [this.server] : [this.server, this.heirloom];
    // A listener that has closed already calls back once its connections have ended, too.
    const closed = Promise.all(listeners.map((each) => new Promise((resolve) => each.close(resolve))));
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
    if (this.draining || this.isLeaving) response.shouldKeepAlive = false;
    handle(request, response);
  }
}
