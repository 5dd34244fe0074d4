const FIRST = 4096;
/**
 * From here on all that is expected is mapped at once, so that nothing is copied again. The kernel gives the pages as
 * they are written.
 */
const LARGE = 2 ** 20;

export interface GrowingBufferOptions {
  /** The first piece is not copied, for callers whose pieces stay as they are. */
  keepsFirst: boolean;
  /** Bytes that are announced; 0 if that is unknown. */
  expected: number;
}

/**
 * Bytes that come in pieces. One buffer that doubles, since a peer that sends single bytes would make an object of
 * each, and joining them in the end would take all the time at once.
 */
export class GrowingBuffer {
  length = 0;
  private buffer: Buffer = Buffer.alloc(0);
  private readonly options: GrowingBufferOptions;

  constructor(options: GrowingBufferOptions) {
    this.options = options;
  }

  add(piece: Buffer): void {
    if (this.length === 0 && this.options.keepsFirst) this.buffer = piece;
    else {
      this.grow(this.length + piece.length);
      piece.copy(this.buffer, this.length);
    }
    this.length += piece.length;
  }

  get bytes(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  private grow(size: number): void {
    if (size <= this.buffer.length) return;
    const grown = this.allocate(Math.max(size, this.length * 2, FIRST));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }

  private allocate(size: number): Buffer {
    const { expected } = this.options;
    if (size >= LARGE && expected > size) {
      try {
        return Buffer.allocUnsafeSlow(expected);
      } catch {
        // More than this process may map: what is announced need not come.
      }
    }
    return Buffer.allocUnsafeSlow(size);
  }
}
