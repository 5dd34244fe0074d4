/**
 * Reads base64 as Python's b64decode does: what is not of the alphabet is passed over, padding is a must.
 * Throws Error with Python's words.
 */
export function fromBase64(text: string): Buffer {
  const data = text.replace(/[^A-Za-z0-9+/=]/g, '');
  const end = paddedEnd(data);
  const symbols = data.slice(0, end).replaceAll('=', '');
  if (end === data.length && symbols.length % 4 !== 0 && !closes(data, symbols)) {
    if (symbols.length % 4 !== 1) throw new Error('Incorrect padding');
    throw new Error(
      `Invalid base64-encoded string: number of data characters (${symbols.length}) cannot be 1 more than a multiple of 4`,
    );
  }
  return Buffer.from(symbols, 'base64');
}

/** Where Python stops: behind the padding that completes a group of four. */
function paddedEnd(data: string): number {
  let inGroup = 0;
  let pads = 0;
  for (let at = 0; at < data.length; at += 1) {
    if (data[at] !== '=') {
      inGroup = (inGroup + 1) % 4;
      pads = 0;
    } else if (inGroup >= 2) {
      pads += 1;
      if (inGroup + pads >= 4) return at + 1;
    }
  }
  return data.length;
}

function closes(data: string, symbols: string): boolean {
  const left = symbols.length % 4;
  return left >= 2 && data.endsWith('='.repeat(4 - left));
}
