/** At most `columns` columns, the cut marked with `…`. Characters outside ASCII count as two: terminals differ. */
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

export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += character <= '\u007e' ? 1 : 2;
  return width;
}
