import type { Cause } from '../types.js';
import type { UpstreamAnswer } from './answer-reader.js';
import { type Address, Connection, type Failure } from './connection.js';

export type Result = UpstreamAnswer | Failure;

export interface UpstreamRequest {
  method: string;
  /** Path and query, as they came. */
  target: string;
  /** Header lines, each with its CRLF, without host and length. */
  headers: string;
  body: Buffer;
}

export interface PoolOptions {
  /** Milliseconds until a connection must stand. */
  connectMs: number;
  /** Milliseconds that a connection may lie idle. uvicorn closes one after 5 s, and one that it closes at the same moment is lost. */
  idleMs: number;
  /** Bytes of the longest answer that is taken. */
  cap: number;
  now(): number;
}

/** A request under way. */
export interface Exchange {
  /** Ends it with a failure, where it still is. */
  giveUp(reason: string, cause: Cause): void;
}

/** The connections to one server, kept and used again. */
export class Pool {
  private readonly address: Address;
  private readonly host: string;
  private readonly prefix: string;
  private readonly options: PoolOptions;
  /** The one given back last is taken first, so that those that are too many get old. */
  private readonly idle: Connection[] = [];
  private readonly busy = new Set<Connection>();

  constructor(url: string, options: PoolOptions) {
    const { hostname, port, host, pathname } = new URL(url);
    this.address = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80) };
    this.host = host;
    this.prefix = pathname.replace(/\/+$/, '');
    this.options = options;
  }

  /**
   * Sends a request; `ended` is called once. With `fresh` on a connection of its own, where a loss tells
   * whether the request reached a server.
   */
  send(request: UpstreamRequest, ended: (result: Result) => void, fresh = false): Exchange {
    const bytes = this.bytesOf(request);
    let current: Connection;
    const go = (connection: Connection) => {
      current = connection;
      this.busy.add(connection);
      connection.send(bytes, request.method, this.options.cap, (result) => {
        this.busy.delete(connection);
        if (connection.alive) this.keep(connection);
        if ('error' in result && result.stale) go(this.open());
        else ended(result);
      });
    };
    go((fresh ? undefined : this.lastIdle()) ?? this.open());
    return { giveUp: (reason, cause) => current.destroy(reason, cause) };
  }

  /** Closes what has been idle for too long. */
  sweep(): void {
    const oldest = this.options.now() - this.options.idleMs;
    while ((this.idle[0]?.idleSince ?? Number.POSITIVE_INFINITY) < oldest) this.idle.shift()?.destroy();
  }

  /** Closes all; requests under way fail. */
  destroy(): void {
    for (const connection of [...this.idle.splice(0), ...this.busy]) connection.destroy();
  }

  private open(): Connection {
    return new Connection(this.address, this.options.connectMs);
  }

  private keep(connection: Connection): void {
    connection.idleSince = this.options.now();
    this.idle.push(connection);
  }

  private lastIdle(): Connection | undefined {
    this.sweep();
    for (let connection = this.idle.pop(); connection !== undefined; connection = this.idle.pop()) {
      if (connection.alive) return connection;
    }
    return undefined;
  }

  private bytesOf({ method, target, headers, body }: UpstreamRequest): Buffer {
    const length =
      body.length > 0 || method === 'POST' || method === 'PUT' ? `content-length: ${body.length}\r\n` : '';
    const head = `${method} ${this.prefix}${target} HTTP/1.1\r\nhost: ${this.host}\r\n${headers}${length}\r\n`;
    const bytes = Buffer.allocUnsafe(head.length + body.length);
    bytes.write(head, 'latin1');
    body.copy(bytes, head.length);
    return bytes;
  }
}
