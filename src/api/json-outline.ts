/** What JSON may hold beside long strings, so that parsing it takes no longer than some ten milliseconds. */
const BOUNDS = {
  /** Python's recursion limit, where the recorded server ends. */
  depth: 1000,
  /** Values and keys together. A request needs a few, and two for each file. */
  values: 50_000,
  /** Bytes of all but long strings. */
  structure: 4 * 2 ** 20,
} as const;

const LONG_STRING = 256;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const [OPEN, CLOSE, BRACE_BIT] = [0x5b, 0x5d, 0x20];
const [COMMA, COLON] = [0x2c, 0x3a];

/**
 * Finds the long strings of a JSON text and its size without them, before anything parses it; validity is not
 * checked.
 */
export class JsonOutline {
  /** Byte offsets of the contents of long strings: start and end in turn. */
  readonly long: number[] = [];
  fault: { message: string; at: number } | undefined;
  private offset = 0;
  private inString = false;
  private escaped = false;
  private stringStart = 0;
  private longBytes = 0;
  private depth = 0;
  private values = 0;

  add(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && this.fault === undefined) {
      at = this.inString ? this.string(bytes, at) : this.between(bytes, at);
    }
    this.offset += bytes.length;
    const openBytes = this.inString ? this.offset - this.stringStart : 0;
    const long = this.longBytes + (openBytes >= LONG_STRING ? openBytes : 0);
    if (this.offset - long > BOUNDS.structure) this.exceeded('Too long beside its strings', this.offset);
  }

  get unterminatedAt(): number | undefined {
    return this.inString ? this.stringStart - 1 : undefined;
  }

  private string(bytes: Buffer, start: number): number {
    let at = start;
    if (this.escaped) {
      this.escaped = false;
      at += 1;
    }
    for (; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) {
        this.endString(this.offset + at);
        return at + 1;
      }
    }
    this.escaped = at > bytes.length;
    return bytes.length;
  }

  private endString(end: number): void {
    this.inString = false;
    const length = end - this.stringStart;
    if (length < LONG_STRING) return;
    this.long.push(this.stringStart, end);
    this.longBytes += length;
  }

  private between(bytes: Buffer, start: number): number {
    for (let at = start; at < bytes.length; at += 1) {
      const byte = bytes[at] as number;
      if (byte === QUOTE) {
        this.inString = true;
        this.stringStart = this.offset + at + 1;
        return at + 1;
      }
      const bracket = byte & ~BRACE_BIT;
      if (byte === COMMA || byte === COLON || bracket === OPEN) this.count(this.offset + at);
      if (bracket === OPEN) this.deeper(this.offset + at);
      else if (bracket === CLOSE) this.depth -= 1;
      if (this.fault !== undefined) break;
    }
    return bytes.length;
  }

  private count(at: number): void {
    this.values += 1;
    if (this.values > BOUNDS.values) this.exceeded('Too many values', at);
  }

  private deeper(at: number): void {
    this.depth += 1;
    if (this.depth > BOUNDS.depth) this.exceeded('Nested too deeply', at);
  }

  private exceeded(message: string, at: number): void {
    this.fault ??= { message, at };
  }
}
