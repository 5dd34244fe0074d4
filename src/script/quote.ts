/** One word for a POSIX shell, whatever stands in it. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The value of an #SBATCH option: sbatch splits such a line at spaces, and `#` starts a comment in it. */
export function directiveQuote(text: string): string {
  if (/^[\w./:,=%@+-]*$/.test(text)) return text;
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
