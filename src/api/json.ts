export type Decoded = { ok: true; value: unknown } | { ok: false; at: number; words: string };

/** JSON.parse; a text that it refuses is refused with the place and the words of Python's json module. */
export function decodeJson(text: string): Decoded {
  try {
    const value: unknown = JSON.parse(text);
    // JSON.parse goes deeper than who writes the answer, which repeats what was refused.
    if (deeperThan(DEEPEST, value)) return { ok: false, at: 0, words: 'Nested too deeply' };
    return { ok: true, value };
  } catch {
    try {
      new Scanner(text).document();
    } catch (error) {
      if (error instanceof Refused) return { ok: false, at: error.at, words: error.message };
      // Nested so deep that the stack ends: nobody's request, and its place is nobody's question.
      if (!(error instanceof RangeError)) throw error;
    }
    return { ok: false, at: 0, words: 'Expecting value' };
  }
}

/** As deep as Python's decoder goes, by its limit on recursion. */
const DEEPEST = 1000;

function deeperThan(most: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return most === 0 || Object.values(value).some((each) => deeperThan(most - 1, each));
}

class Refused extends Error {
  readonly at: number;

  constructor(words: string, at: number) {
    super(words);
    this.at = at;
  }
}

const SPACE = /[ \t\n\r]*/y;
const LITERAL = /null|true|false|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** Walks a text that is no JSON as Python's decoder does, to the place where that stops. */
class Scanner {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  document(): void {
    this.space();
    this.value();
    this.space();
    if (this.at < this.text.length) throw new Refused('Extra data', this.at);
  }

  private value(): void {
    const next = this.text[this.at];
    if (next === '{') this.object();
    else if (next === '[') this.array();
    else if (next === '"') this.string();
    else if (!this.skip(LITERAL)) throw new Refused('Expecting value', this.at);
  }

  private object(): void {
    this.at += 1;
    this.space();
    if (this.take('}')) return;
    for (;;) {
      if (this.text[this.at] !== '"') {
        throw new Refused('Expecting property name enclosed in double quotes', this.at);
      }
      this.string();
      this.space();
      if (!this.take(':')) throw new Refused("Expecting ':' delimiter", this.at);
      this.space();
      this.value();
      this.space();
      if (this.take('}')) return;
      if (!this.take(',')) throw new Refused("Expecting ',' delimiter", this.at);
      this.space();
    }
  }

  private array(): void {
    this.at += 1;
    this.space();
    if (this.take(']')) return;
    for (;;) {
      this.value();
      this.space();
      if (this.take(']')) return;
      if (!this.take(',')) throw new Refused("Expecting ',' delimiter", this.at);
      this.space();
    }
  }

  private string(): void {
    const start = this.at;
    for (this.at += 1; ; this.at += 1) {
      const next = this.text[this.at];
      if (next === undefined) throw new Refused('Unterminated string starting at', start);
      if (next < ' ') throw new Refused('Invalid control character at', this.at);
      if (next === '\\') this.escape(start);
      else if (next === '"') break;
    }
    this.at += 1;
  }

  private escape(start: number): void {
    const kind = this.text[this.at + 1];
    if (kind === undefined) throw new Refused('Unterminated string starting at', start);
    if (kind === 'u') {
      const digits = this.text.slice(this.at + 2, this.at + 6);
      if (!/^[\da-fA-F]{4}$/.test(digits)) throw new Refused('Invalid \\uXXXX escape', this.at + 1);
    } else if (!'"\\/bfnrt'.includes(kind)) {
      throw new Refused('Invalid \\escape', this.at);
    }
    this.at += 1;
  }

  private space(): void {
    this.skip(SPACE);
  }

  private take(one: string): boolean {
    if (this.text[this.at] !== one) return false;
    this.at += 1;
    return true;
  }

  private skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.at += found.length;
    return found !== '';
  }
}
