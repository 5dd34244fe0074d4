/** Text in HTML or SVG, and in their attributes. */
export function escaped(text: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': 'amp',
    '<': 'lt',
    '>': 'gt',
    '"': 'quot',
    "'": '#39',
  };
  return text.replace(/[&<>"']/g, (character) => `&${names[character]};`);
}

/** A table; the cells are text. Columns of numbers are aligned to the right. */
export function htmlTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[], tag: 'th' | 'td') =>
    row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('');
  const body = rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('\n');
  return `<div class="wide"><table><thead><tr>${cells(head, 'th')}</tr></thead>\n<tbody>${body}</tbody></table></div>`;
}

/** A chart with a sentence that says what it shows, for those who do not see it. */
export function figure(title: string, about: string, svg: string): string {
  return `<figure><figcaption><h2>${escaped(title)}</h2><p>${escaped(about)}</p></figcaption>${svg}</figure>`;
}
