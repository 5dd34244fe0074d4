import type { Descriptors } from '../../node/descriptors.js';
import type { Cause } from '../types.js';
import { type Address, Connection, type UpstreamFailure } from './connection.js';
import type { UpstreamResponse } from './response-reader.js';

export type Result = UpstreamResponse | UpstreamFailure;

export interface UpstreamRequest {
  method: string;
  target: string;
  /** Header lines, each with its CRLF, without host and length. */
  headers: string;
  body: Buffer;
  maxBodyBytes?: number;
}

export interface PoolOptions {
  connectMs: number;
  idleMs: number;
  maxBodyBytes: number;
  now(): number;
  descriptors: Descriptors;
}

export interface Exchange {
  abort(reason: string, cause: Cause): void;
}

const LONG_BODY = 65_536;

export class Pool {
  private readonly address: Address;
  private readonly host: string;
  private readonly prefix: string;
  private readonly options: PoolOptions;
  /** Last in, first out, so that surplus connections expire. */
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
   * `onResult` is called once. `fresh`: on a new connection, where a loss tells whether the request reached a server.
   */
  send(request: UpstreamRequest, onResult: (result: Result) => void, fresh = false): Exchange {
    const pieces = this.serialize(request);
    const maxBodyBytes = request.maxBodyBytes ?? this.options.maxBodyBytes;
    let current: Connection;
    const sendOn = (connection: Connection) => {
      current = connection;
      this.busy.add(connection);
      connection.send(pieces, request.method, maxBodyBytes, (result) => {
        this.busy.delete(connection);
        if (connection.alive) this.keepIdle(connection);
        if ('error' in result && result.stale) sendOn(this.open());
        else onResult(result);
      });
    };
    sendOn((fresh ? undefined : this.lastIdle()) ?? this.open());
    return { abort: (reason, cause) => current.destroy(reason, cause) };
  }

  sweep(): void {
    const oldest = this.options.now() - this.options.idleMs;
    while ((this.idle[0]?.idleSince ?? Number.POSITIVE_INFINITY) < oldest) this.idle.shift()?.destroy();
  }

  destroy(): void {
    for (const connection of [...this.idle.splice(0), ...this.busy]) connection.destroy();
  }

  private open(): Connection {
    return new Connection(this.address, this.options.connectMs, this.options.descriptors);
  }

  private keepIdle(connection: Connection): void {
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

  private serialize({ method, target, headers, body }: UpstreamRequest): Buffer[] {
    const length =
      body.length > 0 || method === 'POST' || method === 'PUT' ? `content-length: ${body.length}\r\n` : '';
    const head = `${method} ${this.prefix}${target} HTTP/1.1\r\nhost: ${this.host}\r\n${headers}${length}\r\n`;
    if (body.length > LONG_BODY) return [Buffer.from(head, 'latin1'), body];
    const bytes = Buffer.allocUnsafe(head.length + body.length);
    bytes.write(head, 'latin1');
    body.copy(bytes, head.length);
    return [bytes];
  }
}
