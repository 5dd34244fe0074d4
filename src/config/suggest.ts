function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const plain = simplify(word);
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(plain, simplify(candidate));
    if (best === undefined || distance < best.distance) best = { candidate, distance };
  }
  // Up to a third of the word may differ: `nods` finds `nodes`, `xyz` finds nothing.
  return best !== undefined && best.distance <= Math.max(1, Math.floor(plain.length / 3))
    ? best.candidate
    : undefined;
}

export function suggestion(word: string, candidates: readonly string[], prefix = ''): string {
  const meant = didYouMean(word, candidates);
  return meant === undefined ? '' : ` (did you mean ${prefix}${meant}?)`;
}

function simplify(word: string): string {
  return word.toLowerCase().replace(/[-_ ]/g, '');
}

/** Optimal string alignment distance, row by row: swapped neighbours (`nodse`) are one mistake. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [line, letter] of [...a].entries()) {
    const next = [line + 1];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (letter === b[column - 1] ? 0 : 1);
      const swapped =
        letter === b[column - 2] && a[line - 1] === b[column - 1] ? (before[column - 2] ?? 0) + 1 : replaced;
      next.push(Math.min(replaced, swapped, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 0;
}
