/** One run of characters of one colour. */
export interface Span {
  text: string;
  /** Foreground as its SGR number, 30 to 37 or 90 to 97; 0 for the terminal's own. */
  color: number;
}

interface Cell {
  char: string;
  color: number;
}

/** As much of a terminal as the live view needs: lines that wrap, the cursor's ways up and back, erasing, colours. */
export class Screen {
  private readonly lines: Cell[][] = [[]];
  private readonly columns: number;
  private row = 0;
  private column = 0;
  private color = 0;
  private rest = '';

  constructor(columns: number) {
    this.columns = columns;
  }

  write(text: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it reads escape sequences
    const token = /\u001b\[([\d;?]*)([A-Za-z])|\u001b\[?[\d;?]*$|[^\u001b]/gu;
    const all = this.rest + text;
    this.rest = '';
    for (const match of all.matchAll(token)) {
      const [whole, parameters = '', verb] = match;
      if (verb !== undefined) this.control(parameters, verb);
      else if (whole.startsWith('\u001b')) this.rest = whole;
      else this.put(whole);
    }
  }

  rows(): Span[][] {
    return this.lines.map((line) => {
      const spans: Span[] = [];
      for (const { char, color } of line) {
        const last = spans.at(-1);
        if (last?.color === color) last.text += char;
        else spans.push({ text: char, color });
      }
      return spans;
    });
  }

  private put(char: string): void {
    if (char === '\r') this.column = 0;
    else if (char === '\n') this.row += 1;
    else {
      if (this.column === this.columns) {
        this.row += 1;
        this.column = 0;
      }
      const line = this.line();
      while (line.length < this.column) line.push({ char: ' ', color: 0 });
      line[this.column] = { char, color: this.color };
      this.column += 1;
    }
    this.line();
  }

  private control(parameters: string, verb: string): void {
    const count = Number(parameters) || 1;
    if (verb === 'A') this.row = Math.max(0, this.row - count);
    else if (verb === 'G') this.column = count - 1;
    else if (verb === 'K') this.line().splice(this.column);
    else if (verb === 'm') this.colour(parameters);
  }

  private colour(parameters: string): void {
    for (const code of parameters.split(';').map(Number)) {
      if (code === 0 || code === 39) this.color = 0;
      else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) this.color = code;
    }
  }

  private line(): Cell[] {
    while (this.lines.length <= this.row) this.lines.push([]);
    return this.lines[this.row] as Cell[];
  }
}
