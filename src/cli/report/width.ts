/**
 * Cuts one line to at most `columns` columns of a terminal, and marks the cut with `…`. Characters outside ASCII
 * count as two columns: terminals differ about them, and a line that wraps would break the redrawn view.
 */
export function truncate(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let kept = '';
  let room = columns - widthOf('…');
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    room -= widthOf(segment);
    if (room < 0) break;
    kept += segment;
  }
  return columns < widthOf('…') ? '' : `${kept}…`;
}

/** At least what any terminal uses. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += character <= '\u007e' ? 1 : 2;
  return width;
}
