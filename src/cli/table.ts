import { wrap } from '../text/wrap.js';

const MAX_WIDTH = 100;
const DEFAULT_WIDTH = 80;
/** If there is less room for the text, it goes below its term. */
const MIN_TEXT_WIDTH = 34;

export type Row = readonly [term: string, about: string];

export function helpWidth(columns: number): number {
  return columns > 0 ? Math.min(columns, MAX_WIDTH) : DEFAULT_WIDTH;
}

/** Two columns, the second wrapped, or below the first on a narrow terminal. `all` sets the width of the first. */
export function table(rows: readonly Row[], columns: number, all: readonly Row[] = rows): string[] {
  const first = Math.max(...all.map(([term]) => term.length));
  const total = helpWidth(columns);
  const beside = total - first - 4 >= MIN_TEXT_WIDTH;
  const indent = beside ? first + 4 : 6;
  return rows.flatMap(([term, about]) => {
    const lines = wrap(about, total - indent);
    const below = (text: string) => ' '.repeat(indent) + text;
    if (!beside) return [`  ${term}`, ...lines.map(below)];
    return [`  ${term.padEnd(first)}  ${lines[0] ?? ''}`, ...lines.slice(1).map(below)];
  });
}
