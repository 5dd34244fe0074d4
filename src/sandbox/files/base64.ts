import type { Pause } from '../../api/large-json.js';

/** Characters that are decoded without a pause. */
const SLICE = 2 ** 18;

/**
 * Reads base64 as Python's b64decode does: what is not of the alphabet is passed over, padding is a must. Pauses
 * between slices. Throws Error with Python's words.
 */
export async function fromBase64(text: string, pause: Pause): Promise<Buffer> {
  const reader = new Base64Reader(text.length);
  for (let at = 0; at < text.length && !reader.ended; at += SLICE) {
    if (at > 0) await pause();
    reader.add(text.slice(at, at + SLICE).replace(/[^A-Za-z0-9+/=]+/g, ''));
  }
  return reader.end();
}

class Base64Reader {
  /** Padding has completed a group of four: Python reads no further. */
  ended = false;
  private readonly bytes: Buffer;
  private length = 0;
  private symbols = 0;
  private pads = 0;
  /** Of the last group, which is not complete. */
  private open = '';

  /** `most`: characters that come at most. */
  constructor(most: number) {
    this.bytes = Buffer.allocUnsafe(Math.ceil(most / 4) * 3);
  }

  /** Characters of the alphabet and `=`. */
  add(data: string): void {
    const end = data.includes('=') ? this.paddedEnd(data) : data.length;
    if (end > 0 && data[end - 1] !== '=') this.pads = 0;
    const symbols = this.open + data.slice(0, end).replaceAll('=', '');
    this.symbols += symbols.length - this.open.length;
    const whole = symbols.length - (symbols.length % 4);
    this.write(symbols.slice(0, whole));
    this.open = symbols.slice(whole);
  }

  end(): Buffer {
    const left = this.symbols % 4;
    if (!this.ended && left !== 0) {
      if (left !== 1) throw new Error('Incorrect padding');
      throw new Error(
        `Invalid base64-encoded string: number of data characters (${this.symbols}) cannot be 1 more than a multiple of 4`,
      );
    }
    this.write(this.open);
    return this.bytes.subarray(0, this.length);
  }

  private write(symbols: string): void {
    this.length += this.bytes.write(symbols, this.length, 'base64');
  }

  /** Where Python stops: behind the padding that completes a group of four. */
  private paddedEnd(data: string): number {
    let inGroup = this.symbols % 4;
    for (let at = 0; at < data.length; at += 1) {
      if (data[at] !== '=') {
        inGroup = (inGroup + 1) % 4;
        this.pads = 0;
      } else if (inGroup >= 2) {
        this.pads += 1;
        if (inGroup + this.pads >= 4) {
          this.ended = true;
          return at + 1;
        }
      }
    }
    return data.length;
  }
}
