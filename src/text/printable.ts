/**
 * Control characters (but for the tab), line separators, and what changes the direction of the text around it: a
 * terminal obeys the first, and the last make a line read as another one.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it finds
const CONTROL = /[\u0000-\u0008\n-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * A line of text as it may be shown to a person, whoever wrote it: a line break is a blank, and every other control
 * character stands as its escape. JSON stays the same value.
 */
export function printable(line: string): string {
  return line.replace(/[\r\n]+/g, ' ').replace(CONTROL, escaped);
}

/** The same for a text of several lines. */
export function printableLines(text: string): string {
  return text.replace(CONTROL, (character) => (character === '\n' ? character : escaped(character)));
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
