/** Wider lines are hard to read, however wide the terminal is. */
const WIDEST = 100;
/** For a pipe, and for a terminal that does not say. */
const USUAL = 80;
/** A column of text that is narrower than this reads worse than one below its term. */
const NARROWEST = 34;

export type Row = readonly [term: string, about: string];

/** Columns that help takes on a terminal of `columns`. */
export function helpWidth(columns: number): number {
  return columns > 0 ? Math.min(columns, WIDEST) : USUAL;
}

/** Rows of two columns, the second wrapped; below the first where the terminal is too narrow. `all` sets the width. */
export function table(rows: readonly Row[], columns: number, all: readonly Row[] = rows): string[] {
  const first = Math.max(...all.map(([term]) => term.length));
  const total = helpWidth(columns);
  const beside = total - first - 4 >= NARROWEST;
  const indent = beside ? first + 4 : 6;
  return rows.flatMap(([term, about]) => {
    const lines = wrap(about, total - indent);
    const below = (text: string) => ' '.repeat(indent) + text;
    if (!beside) return [`  ${term}`, ...lines.map(below)];
    return [`  ${term.padEnd(first)}  ${lines[0] ?? ''}`, ...lines.slice(1).map(below)];
  });
}

/** Breaks text at spaces; a word that is wider than a line keeps one for itself. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
