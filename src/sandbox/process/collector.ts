import type { Output } from '../types.js';

const FIRST = 4096;

/** One growing buffer: a program that writes single bytes would make an object of each. */
export class Collector {
  private buffer: Buffer = Buffer.alloc(0);
  private length = 0;
  private dropped = 0;
  private readonly cap: number;

  constructor(cap: number) {
    this.cap = cap;
  }

  /** Copies what it takes of the chunk. */
  add(chunk: Buffer): void {
    const taken = Math.min(chunk.length, this.cap - this.length);
    this.dropped += chunk.length - taken;
    this.grow(this.length + taken);
    chunk.copy(this.buffer, this.length, 0, taken);
    this.length += taken;
  }

  output(): Output {
    return { bytes: this.buffer.subarray(0, this.length), dropped: this.dropped };
  }

  private grow(size: number): void {
    if (size <= this.buffer.length) return;
    // Most programs write once: what they wrote is kept as long as it is.
    const more = this.length === 0 ? size : Math.max(size, this.buffer.length * 2, FIRST);
    const grown = Buffer.allocUnsafeSlow(Math.min(this.cap, more));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }
}
