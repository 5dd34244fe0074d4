import { GrowingBuffer } from '../../http/growing-buffer.js';
import { ChunkedDecoder } from './chunked-decoder.js';
import { type Head, MalformedResponse, readHead } from './head.js';

export interface UpstreamResponse {
  status: number;
  headers: string[];
  body: Buffer;
}

const HEAD_END = Buffer.from('\r\n\r\n');
/** Node's own limit is 16 KiB. */
const MAX_HEAD_BYTES = 65_536;
/** Interim responses (100, 103) before the final one. */
const MAX_INTERIM = 16;

/** An incremental parser of one HTTP response. Strict: see `readHead`. */
export class ResponseReader {
  head: Head | undefined;
  begun = false;
  private readonly method: string;
  private readonly maxBodyBytes: number;
  private partialHead: Buffer | undefined;
  private body = new GrowingBuffer({ keepsFirst: false, expected: 0 });
  private decoder: ChunkedDecoder | undefined;
  private interimCount = 0;

  constructor(method: string, maxBodyBytes: number) {
    this.method = method;
    this.maxBodyBytes = maxBodyBytes;
  }

  /** Returns the response once it is complete. `bytes` may be overwritten afterwards. Throws MalformedResponse. */
  read(bytes: Buffer): UpstreamResponse | undefined {
    this.begun = true;
    let rest = bytes;
    while (this.head === undefined) {
      const all = this.partialHead === undefined ? rest : Buffer.concat([this.partialHead, rest]);
      const end = all.indexOf(HEAD_END);
      if (end < 0 || end > MAX_HEAD_BYTES) {
        if (all.length > MAX_HEAD_BYTES) throw new MalformedResponse('the head is too long');
        this.partialHead = all === rest ? Buffer.from(all) : all;
        return undefined;
      }
      this.partialHead = undefined;
      rest = all.subarray(end + HEAD_END.length);
      this.acceptHead(readHead(all.toString('latin1', 0, end), this.method));
    }
    return this.readBody(this.head, rest);
  }

  /** The connection has ended: returns a response whose body lasts until then. */
  end(): UpstreamResponse | undefined {
    return this.head?.body === 'close' ? this.complete(this.head) : undefined;
  }

  private acceptHead(head: Head): void {
    if (head.status >= 200) {
      this.head = head;
      if (head.body === 'chunked') this.decoder = new ChunkedDecoder((piece) => this.append(piece));
      if (typeof head.body !== 'number') return;
      if (head.body > this.maxBodyBytes) throw tooLong(this.maxBodyBytes);
      this.body = new GrowingBuffer({ keepsFirst: false, expected: head.body });
      return;
    }
    this.interimCount += 1;
    if (this.interimCount > MAX_INTERIM) throw new MalformedResponse('too many interim responses');
  }

  private readBody(head: Head, bytes: Buffer): UpstreamResponse | undefined {
    if (this.decoder !== undefined) {
      const end = this.decoder.read(bytes, 0);
      if (!this.decoder.done) return undefined;
      if (end < bytes.length) throw new MalformedResponse('unexpected bytes after the response');
      return this.complete(head);
    }
    if (bytes.length > 0) this.append(bytes);
    if (head.body === 'close') return undefined;
    if (this.body.length > (head.body as number))
      throw new MalformedResponse('the body is longer than its content-length');
    return this.body.length === head.body ? this.complete(head) : undefined;
  }

  private append(piece: Buffer): void {
    if (this.body.length + piece.length > this.maxBodyBytes) throw tooLong(this.maxBodyBytes);
    // A copy: `piece` lies in the buffer that all connections share.
    this.body.add(piece);
  }

  private complete({ status, headers }: Head): UpstreamResponse {
    return { status, headers, body: this.body.bytes };
  }
}

const tooLong = (maxBodyBytes: number) =>
  new MalformedResponse(`the body is longer than ${maxBodyBytes} bytes`);
