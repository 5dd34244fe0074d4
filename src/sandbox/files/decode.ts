import type { Output } from '../types.js';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export interface Decoded {
  text: string;
  /** Whether `text` is the complaint of Python's decoder instead of what was written. */
  broken: boolean;
}

/** Output as the wire shows it: UTF-8, or the complaint that the recorded server gives in its place. */
export function decode({ bytes, dropped }: Output): Decoded {
  // A cut may fall into a character; that is our doing, not the program's.
  const whole = dropped > 0 ? bytes.subarray(0, bytes.length - openTail(bytes)) : bytes;
  try {
    return { text: strict.decode(whole), broken: false };
  } catch {
    return { text: `[DecodeError] ${complaint(whole)}`, broken: true };
  }
}

/** How many bytes at the end begin a character that is not complete. */
function openTail(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0xc0) return lengthOf(byte) > back ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}

function lengthOf(lead: number): number {
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/** The words of Python's UnicodeDecodeError for the first mistake. */
function complaint(bytes: Buffer): string {
  let at = 0;
  while (at < bytes.length) {
    const lead = bytes[at] ?? 0;
    if (lead < 0x80) {
      at += 1;
      continue;
    }
    if (lead < 0xc2 || lead > 0xf4) return words(bytes, at, 1, 'invalid start byte');
    const length = lengthOf(lead);
    for (let offset = 1; offset < length; offset += 1) {
      const byte = bytes[at + offset];
      if (byte === undefined) return words(bytes, at, offset, 'unexpected end of data');
      if (!continues(lead, offset, byte)) return words(bytes, at, offset, 'invalid continuation byte');
    }
    at += length;
  }
  return '';
}

/** Unicode's table 3-7: the second byte is narrower after some leads. */
function continues(lead: number, offset: number, byte: number): boolean {
  let [low, high] = [0x80, 0xbf];
  if (offset === 1 && lead === 0xe0) low = 0xa0;
  if (offset === 1 && lead === 0xed) high = 0x9f;
  if (offset === 1 && lead === 0xf0) low = 0x90;
  if (offset === 1 && lead === 0xf4) high = 0x8f;
  return byte >= low && byte <= high;
}

function words(bytes: Buffer, at: number, length: number, reason: string): string {
  const what =
    length === 1
      ? `byte 0x${(bytes[at] ?? 0).toString(16).padStart(2, '0')} in position ${at}`
      : `bytes in position ${at}-${at + length - 1}`;
  return `'utf-8' codec can't decode ${what}: ${reason}`;
}
