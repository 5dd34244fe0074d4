import { Chunks } from './chunks.js';
import { BrokenAnswer, type Head, readHead } from './head.js';

export interface UpstreamAnswer {
  status: number;
  /** Names and values in turn, as they came. */
  headers: string[];
  body: Buffer;
}

const HEAD_END = Buffer.from('\r\n\r\n');
/** Bytes of a head; Node's own limit is 16 KiB. */
const HEAD_CAP = 65_536;
/** Interim answers (100, 103) before the real one. */
const INTERIM_CAP = 16;

/** Reads one answer from the bytes of a connection as they come. Strict: see `readHead`. */
export class AnswerReader {
  head: Head | undefined;
  /** Whether a byte of an answer came. */
  begun = false;
  private readonly method: string;
  private readonly cap: number;
  private early: Buffer | undefined;
  private readonly pieces: Buffer[] = [];
  private length = 0;
  private chunks: Chunks | undefined;
  private interim = 0;

  /** `cap`: bytes of the longest body that is taken. */
  constructor(method: string, cap: number) {
    this.method = method;
    this.cap = cap;
  }

  /** The answer once it is whole. `bytes` may be overwritten afterwards. Throws BrokenAnswer. */
  read(bytes: Buffer): UpstreamAnswer | undefined {
    this.begun = true;
    let rest = bytes;
    while (this.head === undefined) {
      const all = this.early === undefined ? rest : Buffer.concat([this.early, rest]);
      const end = all.indexOf(HEAD_END);
      if (end < 0 || end > HEAD_CAP) {
        if (all.length > HEAD_CAP) throw new BrokenAnswer('a head without an end');
        this.early = all === rest ? Buffer.from(all) : all;
        return undefined;
      }
      this.early = undefined;
      rest = all.subarray(end + HEAD_END.length);
      this.take(readHead(all.toString('latin1', 0, end), this.method));
    }
    return this.readBody(this.head, rest);
  }

  /** The connection has ended: the answer where that is how it ends. */
  end(): UpstreamAnswer | undefined {
    return this.head?.body === 'close' ? this.whole(this.head) : undefined;
  }

  private take(head: Head): void {
    if (head.status >= 200) {
      this.head = head;
      if (head.body === 'chunked') this.chunks = new Chunks((piece) => this.keep(piece));
      if (typeof head.body === 'number' && head.body > this.cap) throw tooLong(this.cap);
      return;
    }
    this.interim += 1;
    if (this.interim > INTERIM_CAP) throw new BrokenAnswer('interim answers only');
  }

  private readBody(head: Head, bytes: Buffer): UpstreamAnswer | undefined {
    if (this.chunks !== undefined) {
      const end = this.chunks.read(bytes, 0);
      if (!this.chunks.done) return undefined;
      if (end < bytes.length) throw new BrokenAnswer('more than one answer');
      return this.whole(head);
    }
    if (bytes.length > 0) this.keep(bytes);
    if (head.body === 'close') return undefined;
    if (this.length > (head.body as number)) throw new BrokenAnswer('more than its length');
    return this.length === head.body ? this.whole(head) : undefined;
  }

  private keep(piece: Buffer): void {
    this.length += piece.length;
    if (this.length > this.cap) throw tooLong(this.cap);
    // A copy: the bytes belong to the connection's buffer.
    this.pieces.push(Buffer.from(piece));
  }

  private whole({ status, headers }: Head): UpstreamAnswer {
    const body = this.pieces.length === 1 ? (this.pieces[0] as Buffer) : Buffer.concat(this.pieces);
    return { status, headers, body };
  }
}

const tooLong = (cap: number) => new BrokenAnswer(`an answer of more than ${cap} bytes`);
