export type Decoded = { ok: true; value: unknown } | { ok: false; index: number; message: string };

/** JSON.parse with the error messages of Python's json module. Bound the text first: see `JsonOutline`. */
export function decodeJson(text: string): Decoded {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    try {
      new Scanner(text).document();
    } catch (error) {
      if (error instanceof JsonSyntaxError) return { ok: false, index: error.index, message: error.message };
      // The scanner ran out of stack: no real request is nested so deeply.
      if (!(error instanceof RangeError)) throw error;
    }
    return { ok: false, index: 0, message: 'Expecting value' };
  }
}

class JsonSyntaxError extends Error {
  readonly index: number;

  constructor(words: string, at: number) {
    super(words);
    this.index = at;
  }
}

const SPACE = /[ \t\n\r]*/y;
const LITERAL = /null|true|false|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** Walks invalid JSON as Python's decoder does, to find where and why that one fails. */
class Scanner {
  private readonly text: string;
  private index = 0;

  constructor(text: string) {
    this.text = text;
  }

  document(): void {
    this.space();
    this.value();
    this.space();
    if (this.index < this.text.length) throw new JsonSyntaxError('Extra data', this.index);
  }

  private value(): void {
    const next = this.text[this.index];
    if (next === '{') this.object();
    else if (next === '[') this.array();
    else if (next === '"') this.string();
    else if (!this.skip(LITERAL)) throw new JsonSyntaxError('Expecting value', this.index);
  }

  private object(): void {
    this.index += 1;
    this.space();
    if (this.take('}')) return;
    for (;;) {
      if (this.text[this.index] !== '"') {
        throw new JsonSyntaxError('Expecting property name enclosed in double quotes', this.index);
      }
      this.string();
      this.space();
      if (!this.take(':')) throw new JsonSyntaxError("Expecting ':' delimiter", this.index);
      this.space();
      this.value();
      this.space();
      if (this.take('}')) return;
      if (!this.take(',')) throw new JsonSyntaxError("Expecting ',' delimiter", this.index);
      this.space();
    }
  }

  private array(): void {
    this.index += 1;
    this.space();
    if (this.take(']')) return;
    for (;;) {
      this.value();
      this.space();
      if (this.take(']')) return;
      if (!this.take(',')) throw new JsonSyntaxError("Expecting ',' delimiter", this.index);
      this.space();
    }
  }

  private string(): void {
    const start = this.index;
    for (this.index += 1; ; this.index += 1) {
      const next = this.text[this.index];
      if (next === undefined) throw new JsonSyntaxError('Unterminated string starting at', start);
      if (next < ' ') throw new JsonSyntaxError('Invalid control character at', this.index);
      if (next === '\\') this.escape(start);
      else if (next === '"') break;
    }
    this.index += 1;
  }

  private escape(start: number): void {
    const kind = this.text[this.index + 1];
    if (kind === undefined) throw new JsonSyntaxError('Unterminated string starting at', start);
    if (kind === 'u') {
      const digits = this.text.slice(this.index + 2, this.index + 6);
      if (!/^[\da-fA-F]{4}$/.test(digits))
        throw new JsonSyntaxError('Invalid \\uXXXX escape', this.index + 1);
    } else if (!'"\\/bfnrt'.includes(kind)) {
      throw new JsonSyntaxError('Invalid \\escape', this.index);
    }
    this.index += 1;
  }

  private space(): void {
    this.skip(SPACE);
  }

  private take(one: string): boolean {
    if (this.text[this.index] !== one) return false;
    this.index += 1;
    return true;
  }

  private skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.index;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.index += found.length;
    return found !== '';
  }
}
