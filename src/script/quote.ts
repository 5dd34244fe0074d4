/** One word for bash, whatever stands in it. sbatch refuses a script that holds a raw `\r\n`. */
export function shellQuote(text: string): string {
  // By a function, since `$'` means something in a replacement text.
  return `'${text.replaceAll("'", `'\\''`).replaceAll('\r', () => `'$'\\r''`)}'`;
}

/** The value of an #SBATCH option: sbatch splits such a line at spaces, and `#` starts a comment in it. */
export function directiveQuote(text: string): string {
  if (/^[\w./:,=%@+-]*$/.test(text)) return text;
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
