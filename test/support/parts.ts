/**
 * A table of tests in two parts: `for (const { rows, tags } of inParts(TABLE)) test.each(rows)(name, { tags }, ...)`.
 * `npm test` runs the first `kept` rows, `npm run test:matrix` the others.
 */
export function inParts<Row>(table: readonly Row[], kept = 1): readonly { rows: Row[]; tags: string[] }[] {
  return [
    { rows: table.slice(0, kept), tags: [] },
    { rows: table.slice(kept), tags: ['matrix'] },
  ];
}
