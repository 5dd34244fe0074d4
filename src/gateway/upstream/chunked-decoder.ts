import { MalformedResponse } from './head.js';

const LF = 0x0a;
/** Of a line with a chunk's size, or of a trailer. */
const MAX_LINE_BYTES = 4096;

export class ChunkedDecoder {
  private state: 'size' | 'data' | 'end' | 'trailer' | 'done' = 'size';
  private remaining = 0;
  private line = '';
  private readonly onData: (piece: Buffer) => void;

  /** `onData` gets pieces of the body, which are only valid until it returns. */
  constructor(take: (piece: Buffer) => void) {
    this.onData = take;
  }

  get done(): boolean {
    return this.state === 'done';
  }

  /** Reads from `start` on; returns the index after the last byte that belongs to the body. Throws MalformedResponse. */
  read(bytes: Buffer, start: number): number {
    let position = start;
    while (position < bytes.length && this.state !== 'done') {
      if (this.state === 'data') {
        const end = Math.min(bytes.length, position + this.remaining);
        this.onData(bytes.subarray(position, end));
        this.remaining -= end - position;
        position = end;
        if (this.remaining === 0) this.state = 'end';
        continue;
      }
      const lineFeed = bytes.indexOf(LF, position);
      const end = lineFeed < 0 ? bytes.length : lineFeed + 1;
      this.line += bytes.toString('latin1', position, end);
      position = end;
      if (this.line.length > MAX_LINE_BYTES)
        throw new MalformedResponse('a line of the chunked body is too long');
      if (lineFeed >= 0) this.endLine();
    }
    return position;
  }

  private endLine(): void {
    if (!this.line.endsWith('\r\n'))
      throw new MalformedResponse('a line of the chunked body ends without CR');
    const text = this.line.slice(0, -2);
    this.line = '';
    if (this.state === 'size') {
      const [, digits] = /^([\da-fA-F]{1,12})[\t ]*(?:;.*)?$/.exec(text) ?? [];
      if (digits === undefined) throw new MalformedResponse('invalid chunk size');
      this.remaining = Number.parseInt(digits, 16);
      this.state = this.remaining === 0 ? 'trailer' : 'data';
    } else if (this.state === 'end') {
      if (text !== '') throw new MalformedResponse('a chunk is longer than its size');
      this.state = 'size';
    } else if (text === '') {
      this.state = 'done';
    }
  }
}
