/** Rows as aligned columns; the first row is the head. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [
    sorted[sorted.length % 2 === 0 ? half - 1 : half],
    sorted[half],
  ];
  return (low + high) / 2;
}

export const ms = (value: number): string => `${Math.round(value)} ms`;
export const ratio = (value: number): string => `${value.toFixed(2)} x`;
/** What was measured against what the design asks for. */
export const goal = (value: number, most: number, unit: (value: number) => string): string =>
  `at most ${unit(most)}: ${value <= most ? 'met' : 'MISSED'}`;
