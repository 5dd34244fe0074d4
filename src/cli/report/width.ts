/**
 * Cuts one line to at most `columns` columns of a terminal, with `…` where something is missing. Every
 * character outside ASCII counts as two columns: terminals differ about them, and a line that is too
 * wide would wrap and spoil a view that is redrawn in place.
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

/** Never less than what a terminal takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += character <= '\u007e' ? 1 : 2;
  return width;
}
