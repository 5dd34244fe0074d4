/** The value of an #SBATCH option: sbatch splits such a line at spaces, and `#` starts a comment in it. */
export function directiveQuote(text: string): string {
  if (/^[\w./:,=%@+-]*$/.test(text)) return text;
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
