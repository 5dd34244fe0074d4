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

  add(chunk: Buffer): void {
    const taken = chunk.subarray(0, this.cap - this.length);
    this.dropped += chunk.length - taken.length;
    if (this.length === 0 && taken.length > 0) {
      // Most programs write once: their one chunk is kept as it came.
      this.buffer = taken;
    } else {
      this.grow(this.length + taken.length);
      taken.copy(this.buffer, this.length);
    }
    this.length += taken.length;
  }

  output(): Output {
    return { bytes: this.buffer.subarray(0, this.length), dropped: this.dropped };
  }

  private grow(size: number): void {
    if (size <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.min(this.cap, Math.max(size, this.buffer.length * 2, FIRST)));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }
}
