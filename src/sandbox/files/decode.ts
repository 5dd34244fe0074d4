import type { Pause } from '../../api/large-json.js';
import type { Output } from '../types.js';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Bytes that are decoded without a pause. */
const SLICE = 2 ** 20;

export interface Decoded {
  text: string;
  /** What was written, where `text` is the complaint of Python's decoder instead. */
  broken: Buffer | undefined;
  /** Bytes that were cut from the end. */
  dropped: number;
}

/**
 * Output as the wire shows it: UTF-8, or the complaint that the recorded server gives in its place. It is cut at `cap`
 * bytes, of which a NUL, for instance, counts as the six that it takes in JSON.
 */
export async function decode(output: Output, cap: number, pause: Pause): Promise<Decoded> {
  const fitting = output.bytes.subarray(0, await fittingLength(output.bytes, cap, pause));
  const dropped = output.dropped + output.bytes.length - fitting.length;
  // A cut may fall into a character; that is our doing, not the program's.
  const whole = dropped > 0 ? fitting.subarray(0, fitting.length - openTail(fitting)) : fitting;
  try {
    return { text: await decodeInSlices(whole, pause), broken: undefined, dropped };
  } catch {
    const kept = output.bytes.subarray(0, Math.floor(cap / 4) * 3);
    return {
      text: `[DecodeError] ${complaint(whole)}`,
      broken: kept,
      dropped: output.dropped + output.bytes.length - kept.length,
    };
  }
}

/** Throws for bytes that are no UTF-8. */
async function decodeInSlices(bytes: Buffer, pause: Pause): Promise<string> {
  if (bytes.length <= SLICE) return strict.decode(bytes);
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const slice = bytes.subarray(at, at + SLICE);
    const end = at + slice.length < bytes.length ? slice.length - openTail(slice) : slice.length;
    parts.push(strict.decode(slice.subarray(0, end)));
    at += end;
    await pause();
  }
  return parts.join('');
}

/** `\u0000`: what a control character becomes in JSON. */
const LONGEST_ESCAPE = 6;

/** What a byte counts: text as it is, with the escapes of two characters that any text has, others as JSON has them. */
const COST = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 && !'\b\t\n\f\r'.includes(String.fromCharCode(byte)) ? LONGEST_ESCAPE : 1,
);

/** How many bytes from the start count no more than `cap`: JSON makes no more than twice that of them. */
async function fittingLength(bytes: Buffer, cap: number, pause: Pause): Promise<number> {
  if (bytes.length * LONGEST_ESCAPE <= cap) return bytes.length;
  let left = cap;
  for (let at = 0; at < bytes.length; at += 1) {
    left -= COST[bytes[at] as number] as number;
    if (left < 0) return at;
    if (at % SLICE === 0) await pause();
  }
  return bytes.length;
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
