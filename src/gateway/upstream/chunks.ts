import { BrokenAnswer } from './head.js';

const LF = 0x0a;
/** A line with a chunk's size, or one of a trailer, that is longer carries something that nobody asked for. */
const LINE_CAP = 4096;

/** Takes a chunked body apart as it comes. */
export class Chunks {
  private state: 'size' | 'data' | 'end' | 'trailer' | 'done' = 'size';
  private left = 0;
  private line = '';
  private readonly take: (piece: Buffer) => void;

  /** `take` is given pieces of the body that are valid until it returns. */
  constructor(take: (piece: Buffer) => void) {
    this.take = take;
  }

  get done(): boolean {
    return this.state === 'done';
  }

  /** Reads from `at`; gives the place behind the last byte that belongs to the body. Throws BrokenAnswer. */
  read(bytes: Buffer, at: number): number {
    let place = at;
    while (place < bytes.length && this.state !== 'done') {
      if (this.state === 'data') {
        const end = Math.min(bytes.length, place + this.left);
        this.take(bytes.subarray(place, end));
        this.left -= end - place;
        place = end;
        if (this.left === 0) this.state = 'end';
        continue;
      }
      const feed = bytes.indexOf(LF, place);
      const end = feed < 0 ? bytes.length : feed + 1;
      this.line += bytes.toString('latin1', place, end);
      place = end;
      if (this.line.length > LINE_CAP) throw new BrokenAnswer('a chunk without an end to its line');
      if (feed >= 0) this.finish();
    }
    return place;
  }

  private finish(): void {
    if (!this.line.endsWith('\r\n')) throw new BrokenAnswer('a line of a chunk that ends without CR');
    const text = this.line.slice(0, -2);
    this.line = '';
    if (this.state === 'size') {
      const [, digits] = /^([\da-fA-F]{1,12})[\t ]*(?:;.*)?$/.exec(text) ?? [];
      if (digits === undefined) throw new BrokenAnswer('a chunk without a size');
      this.left = Number.parseInt(digits, 16);
      this.state = this.left === 0 ? 'trailer' : 'data';
    } else if (this.state === 'end') {
      if (text !== '') throw new BrokenAnswer('a chunk that is longer than its size');
      this.state = 'size';
    } else if (text === '') {
      this.state = 'done';
    }
  }
}
