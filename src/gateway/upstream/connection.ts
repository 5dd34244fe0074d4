import { connect, Socket } from 'node:net';
import { codeOf, messageOf } from '../../errors.js';
import type { Descriptors } from '../../node/descriptors.js';
import type { Cause } from '../types.js';
import { ResponseReader, type UpstreamResponse } from './response-reader.js';

export interface UpstreamFailure {
  error: string;
  cause: Cause;
  /** The request surely did not reach a server, so it may be retried even if it is not idempotent. */
  unreached: boolean;
  /** A reused connection was closed before the first byte of the response: not a failure of the server. */
  stale: boolean;
}

export interface Address {
  host: string;
  port: number;
}

export type ResultCallback = (response: UpstreamResponse | UpstreamFailure) => void;

/** libuv reads and calls back in one step; a buffer each would take 64 MB at a thousand connections. */
const READ_BUFFER = Buffer.allocUnsafeSlow(65_536);

export class Connection {
  alive = true;
  idleSince = 0;
  private readonly socket: Socket;
  private reader: ResponseReader | undefined;
  private onResult: ResultCallback | undefined;
  private connected = false;
  private requests = 0;

  constructor({ host, port }: Address, connectMs: number, descriptors: Descriptors) {
    const callback = (length: number): boolean => {
      this.read(READ_BUFFER.subarray(0, length));
      return true;
    };
    const options = { host, port, noDelay: true, onread: { buffer: READ_BUFFER, callback } };
    if (descriptors.mayConnect) this.socket = connect(options);
    else
      this.socket = new Socket().destroy(Object.assign(new Error('no descriptor left'), { code: 'EMFILE' }));
    descriptors.open += 1;
    const connectTimer = setTimeout(() => this.destroy('connection timed out', 'unreachable'), connectMs);
    this.socket.once('connect', () => {
      clearTimeout(connectTimer);
      this.connected = true;
    });
    this.socket.on('end', () => this.onEnd());
    this.socket.on('error', (error) => this.connectionLost(...describeError(error)));
    this.socket.on('close', () => {
      descriptors.open -= 1;
      clearTimeout(connectTimer);
      this.connectionLost('the connection was closed');
    });
  }

  /** `request`: pieces of its bytes, which are not copied. */
  send(request: readonly Buffer[], method: string, maxBodyBytes: number, onResult: ResultCallback): void {
    this.reader = new ResponseReader(method, maxBodyBytes);
    this.onResult = onResult;
    this.requests += 1;
    for (const piece of request) writeBatched(this.socket, piece);
  }

  destroy(reason = 'the connection was closed', cause: Cause = 'reset'): void {
    this.fail(reason, cause, false);
  }

  private read(bytes: Buffer): void {
    const { reader } = this;
    // Unsolicited bytes: they could be taken for the response to the next request.
    if (reader === undefined) {
      this.destroy();
      return;
    }
    try {
      const response = reader.read(bytes);
      if (response !== undefined) this.complete(response, reader.head?.reusable === true);
    } catch (error) {
      this.destroy(`malformed HTTP response: ${messageOf(error)}`, 'broken');
    }
  }

  private onEnd(): void {
    const response = this.reader?.end();
    if (response !== undefined) this.complete(response, false);
    else this.connectionLost('the connection was closed');
  }

  private complete(response: UpstreamResponse, reusable: boolean): void {
    const { onResult } = this;
    this.reader = undefined;
    this.onResult = undefined;
    if (!reusable) this.destroy();
    onResult?.(response);
  }

  private connectionLost(error: string, cause: Cause = 'reset'): void {
    const begun = this.reader?.begun === true;
    this.fail(begun ? 'the response was cut short' : error, cause, this.requests > 1 && !begun);
  }

  private fail(error: string, cause: Cause, stale: boolean): void {
    if (!this.alive) return;
    const { onResult } = this;
    this.alive = false;
    this.reader = undefined;
    this.onResult = undefined;
    this.socket.destroy();
    onResult?.({ error, cause, unreached: !this.connected, stale });
  }
}

const unwritten: [Socket, Buffer][] = [];

/** Once per turn of the event loop: waking the server for each request costs a tenth of the throughput. */
function writeBatched(socket: Socket, bytes: Buffer): void {
  unwritten.push([socket, bytes]);
  if (unwritten.length > 1) return;
  setImmediate(() => {
    for (const [each, request] of unwritten.splice(0)) if (!each.destroyed) each.write(request);
  });
}

function describeError(error: Error): [message: string, cause: Cause] {
  switch (codeOf(error)) {
    case 'ECONNREFUSED':
      return ['connection refused', 'refused'];
    case 'ECONNRESET':
    case 'EPIPE':
      return ['connection reset', 'reset'];
    case 'EMFILE':
    case 'ENFILE':
    case 'ENOBUFS':
    case 'ENOMEM':
    case 'EADDRNOTAVAIL':
      return [`this gateway cannot open another connection (${codeOf(error)})`, 'exhausted'];
    default:
      return [messageOf(error), 'unreachable'];
  }
}
