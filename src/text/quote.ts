export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** One word for bash alone, without a raw `\r`: sbatch refuses a script that holds `\r\n`. */
export function bashQuote(text: string): string {
  // A function, since `$'` is special in a replacement text.
  return shellQuote(text).replaceAll('\r', () => `'$'\\r''`);
}

export function quoteIfNeeded(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : shellQuote(text);
}
