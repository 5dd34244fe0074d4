import { truncate, widthOf } from './width.js';
import { wrap } from './wrap.js';

export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

export interface Table {
  heads: readonly string[];
  rows: readonly { cells: readonly string[]; note?: string | null }[];
  /** Heads of the columns that may be left out, the first first. */
  optional: readonly string[];
}

/**
 * A table of at most `width` columns of a terminal: columns are left out until it fits; if even the rest does not
 * fit, each row becomes a block of lines. Notes are wrapped below their rows. With width 0 nothing is left out, and
 * notes are a last column.
 */
export function fittedTable({ heads, rows, optional }: Table, width: number): string[] {
  if (width === 0) {
    return columns([heads, ...rows.map(({ cells, note }) => [...cells, ...(note ? [note] : [])])]);
  }
  let shown = heads.map((_, column) => column);
  for (const head of [...optional, '']) {
    const lines = columns([heads, ...rows.map(({ cells }) => cells)].map((row) => pick(row, shown)));
    if (lines.every((line) => widthOf(line) <= width)) return withNotes(lines, rows, heads[0] ?? '', width);
    shown = shown.filter((column) => heads[column] !== head);
  }
  return rows.flatMap((row) => block(heads, row, width));
}

function pick(row: readonly string[], shown: readonly number[]): string[] {
  return shown.map((column) => row[column] ?? '');
}

function withNotes(lines: readonly string[], rows: Table['rows'], first: string, width: number): string[] {
  const indent = first.length + 2;
  return lines.flatMap((line, at) => [line, ...noteLines(rows[at - 1]?.note, indent, width)]);
}

function block(heads: readonly string[], { cells, note }: Table['rows'][number], width: number): string[] {
  const details = cells.flatMap((cell, column) =>
    column < 2 || cell === '-' ? [] : [truncate(`  ${(heads[column] ?? '').toLowerCase()}: ${cell}`, width)],
  );
  return [truncate(`${cells[0]}  ${cells[1]}`, width), ...details, ...noteLines(note, 2, width)];
}

function noteLines(note: string | null | undefined, indent: number, width: number): string[] {
  if (!note) return [];
  return wrap(note, Math.max(1, width - indent)).map((line) =>
    truncate(`${' '.repeat(indent)}${line}`, width),
  );
}
