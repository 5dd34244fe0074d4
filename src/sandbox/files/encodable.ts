/** One half of a surrogate pair without the other: no text that can be written in UTF-8. */
const LONE = /\p{Cs}+/u;

/** The complaint of Python's encoder, which the recorded server gives for such text; undefined for what is text. */
export function encodingComplaint(text: string): string | undefined {
  // Much faster than the pattern; TypeScript does not know it yet.
  if ((text as { isWellFormed?(): boolean }).isWellFormed?.() === true) return undefined;
  const { 0: found, index = 0 } = LONE.exec(text) ?? {};
  if (found === undefined) return undefined;
  // Python counts characters, not halves.
  const at = [...text.slice(0, index)].length;
  const what =
    found.length === 1
      ? `character '\\u${found.charCodeAt(0).toString(16)}' in position ${at}`
      : `characters in position ${at}-${at + found.length - 1}`;
  return `'utf-8' codec can't encode ${what}: surrogates not allowed`;
}
