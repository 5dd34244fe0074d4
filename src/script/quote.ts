/** sbatch splits an #SBATCH line at spaces, and `#` starts a comment in it. */
export function directiveQuote(text: string): string {
  if (/^[\w./:,=%@+-]*$/.test(text)) return text;
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
