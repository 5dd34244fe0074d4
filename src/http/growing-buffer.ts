const FIRST = 4096;
/** From this size all expected bytes are mapped at once; the kernel allocates pages as they are written. */
const LARGE = 2 ** 20;

export interface GrowingBufferOptions {
  /** The first piece is not copied, for callers whose pieces stay as they are. */
  keepsFirst: boolean;
  expected: number;
}

/** One buffer that doubles: single bytes would each become an object, joined all at once in the end. */
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
        // The announced length exceeds what this process may map, but it need not come.
      }
    }
    return Buffer.allocUnsafeSlow(size);
  }
}
