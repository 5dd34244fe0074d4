import { messageOf } from '../errors.js';

/** Handlebars writes ` - LINE:COLUMN`, columns from 0, behind what it can place. */
const PLACED = /^(.*) - (\d+):(\d+)$/s;
const UNPARSED = /^(?:Parse|Lexical) error on line (\d+)[^\n]*\n([^\n]*)\n(-*)\^/;
const SHOWN = 20;

/** `LINE:COLUMN: MESSAGE`, both from 1; only MESSAGE if the place is unknown. */
export function mistakeOf(error: unknown, text: string): string {
  const words = messageOf(error);
  const placed = PLACED.exec(words);
  if (placed !== null) return `${placed[2]}:${Number(placed[3]) + 1}: ${placed[1]}`;
  const [, line = '', shown = '', dashes = ''] = UNPARSED.exec(words) ?? [];
  if (line === '') return words;
  return `${line}:${columnOf(text, Number(line), shown.slice(0, dashes.length))}: ${words}`;
}

function columnOf(text: string, line: number, read: string): number {
  const ends = [read, read.replace(/^\.\.\./, '')];
  const lines = text.split('\n');
  const start = lines.slice(0, line - 1).join('\n').length + (line > 1 ? 1 : 0);
  const length = lines[line - 1]?.length ?? 0;
  for (let at = start; at <= start + length; at++) {
    if (ends.includes(text.slice(Math.max(0, at - SHOWN), at).replaceAll('\n', ''))) return at - start + 1;
  }
  return 1;
}
