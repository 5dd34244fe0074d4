const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes as text, each as it was, or an Error that says where they are no UTF-8. */
export function strictText(bytes: Buffer): string {
  try {
    return strict.decode(bytes);
  } catch (error) {
    throw new Error(`not UTF-8: ${firstMistake(bytes)}`, { cause: error });
  }
}

const REPLACEMENT = Buffer.from('\ufffd');

function firstMistake(bytes: Buffer): string {
  const forgiven = Buffer.from(bytes.toString('utf8'));
  let at = 0;
  while (at < bytes.length && bytes[at] === forgiven[at]) at += 1;
  while (at > 0 && !forgiven.subarray(at, at + REPLACEMENT.length).equals(REPLACEMENT)) at -= 1;
  return `byte 0x${(bytes[at] ?? 0).toString(16).padStart(2, '0')} at offset ${at}`;
}
