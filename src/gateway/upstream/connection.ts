import { connect, type Socket } from 'node:net';
import { codeOf, messageOf } from '../../errors.js';
import type { Cause } from '../types.js';
import { AnswerReader, type UpstreamAnswer } from './answer-reader.js';

export interface Failure {
  error: string;
  cause: Cause;
  /** Whether the request surely did not reach a server, so that any request may be sent again. */
  unreached: boolean;
  /** Whether a connection that had been kept open was closed before a byte of the answer came: nobody's fault. */
  stale: boolean;
}

export interface Address {
  host: string;
  port: number;
}

/** What a request waits for on its connection: called once. */
export type Ended = (answer: UpstreamAnswer | Failure) => void;

/**
 * All connections read into the same bytes: libuv reads and hands over in one step, and what is kept is
 * copied. A buffer for each would be 64 MB at a thousand runs under way.
 */
const SHARED = Buffer.allocUnsafeSlow(65_536);

/** One connection to a server, with one request at a time. */
export class Connection {
  /** Whether the connection can carry a request now, or its next one. */
  alive = true;
  /** When it was last given back, by the pool's clock. */
  idleSince = 0;
  private readonly socket: Socket;
  private reader: AnswerReader | undefined;
  private ended: Ended | undefined;
  private connected = false;
  private used = 0;

  constructor({ host, port }: Address, connectMs: number) {
    const callback = (length: number): boolean => {
      this.read(SHARED.subarray(0, length));
      return true;
    };
    this.socket = connect({ host, port, noDelay: true, onread: { buffer: SHARED, callback } });
    const late = setTimeout(() => this.destroy('no answer to the connection', 'unreachable'), connectMs);
    this.socket.once('connect', () => {
      clearTimeout(late);
      this.connected = true;
    });
    this.socket.on('end', () => this.finish());
    this.socket.on('error', (error) => this.lost(...wordsOf(error)));
    this.socket.on('close', () => {
      clearTimeout(late);
      this.lost('the connection was closed');
    });
  }

  /** `cap`: bytes of the longest answer that is taken. */
  send(request: Buffer, method: string, cap: number, ended: Ended): void {
    this.reader = new AnswerReader(method, cap);
    this.ended = ended;
    this.used += 1;
    writeSoon(this.socket, request);
  }

  /** A request under way fails. */
  destroy(reason = 'the connection was closed', cause: Cause = 'reset'): void {
    this.fail(reason, cause, false);
  }

  private read(bytes: Buffer): void {
    const { reader } = this;
    // Bytes that nobody asked for: whatever comes next could be taken for another's answer.
    if (reader === undefined) {
      this.destroy();
      return;
    }
    try {
      const answer = reader.read(bytes);
      if (answer !== undefined) this.give(answer, reader.head?.reusable === true);
    } catch (error) {
      this.destroy(`the answer is not HTTP: ${messageOf(error)}`, 'broken');
    }
  }

  /** The server has closed its side. */
  private finish(): void {
    const answer = this.reader?.end();
    if (answer !== undefined) this.give(answer, false);
    else this.lost('the connection was closed');
  }

  private give(answer: UpstreamAnswer, reusable: boolean): void {
    const { ended } = this;
    this.reader = undefined;
    this.ended = undefined;
    if (!reusable) this.destroy();
    ended?.(answer);
  }

  private lost(error: string, cause: Cause = 'reset'): void {
    const begun = this.reader?.begun === true;
    this.fail(begun ? 'the answer was cut short' : error, cause, this.used > 1 && !begun);
  }

  private fail(error: string, cause: Cause, stale: boolean): void {
    if (!this.alive) return;
    const { ended } = this;
    this.alive = false;
    this.reader = undefined;
    this.ended = undefined;
    this.socket.destroy();
    ended?.({ error, cause, unreached: !this.connected, stale });
  }
}

const unwritten: [Socket, Buffer][] = [];

/**
 * Writes when all that has come in is read: a write each time wakes the other side for one request, and two
 * processes that take turns on a CPU do a tenth less.
 */
function writeSoon(socket: Socket, bytes: Buffer): void {
  unwritten.push([socket, bytes]);
  if (unwritten.length > 1) return;
  setImmediate(() => {
    for (const [each, request] of unwritten.splice(0)) if (!each.destroyed) each.write(request);
  });
}

function wordsOf(error: Error): [words: string, cause: Cause] {
  switch (codeOf(error)) {
    case 'ECONNREFUSED':
      return ['connection refused', 'refused'];
    case 'ECONNRESET':
    case 'EPIPE':
      return ['connection reset', 'reset'];
    default:
      return [messageOf(error), 'unreachable'];
  }
}
