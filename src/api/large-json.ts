import { randomBytes } from 'node:crypto';
import { type Decoded, decodeJson } from './json.js';
import { JsonOutline } from './json-outline.js';

export type Pause = () => Promise<void>;

const SLICE = 2 ** 19;
/** Up to here JSON is parsed at once. */
export const LARGE_JSON = 2 ** 20;

const STRINGS = 2_000;

const STRING_EXPECTED = /^Expecting (value|property name)/;

const BACKSLASH = 0x5c;
const LONGEST_ESCAPE = 6;
const EXCERPT = 400;

export interface DecodeOptions {
  pause: Pause;
  excerpts?: boolean;
}

/** As `decodeJson`, for a text of any length: pauses between slices. */
export async function decodeLargeJson(body: Buffer, options: DecodeOptions): Promise<Decoded> {
  const { pause } = options;
  const outline = new JsonOutline();
  for (let at = 0; at < body.length && outline.fault === undefined; at += SLICE) {
    outline.add(body.subarray(at, at + SLICE));
    await pause();
  }
  const { fault, unterminatedAt } = outline;
  const failed = async (message: string, at: number): Promise<Decoded> => {
    return { ok: false, index: await charactersBefore(body, at, pause), message };
  };
  if (fault !== undefined) return failed(fault.message, fault.at);
  const skeleton = new Skeleton(body.subarray(0, unterminatedAt), outline.long);
  await skeleton.build(pause);
  const decoded = decodeJson(skeleton.text);
  const mistake = decoded.ok ? undefined : skeleton.offsetOf(decoded.index);
  if (unterminatedAt !== undefined && (mistake ?? unterminatedAt) >= unterminatedAt) {
    const message = decoded.ok ? 'Extra data' : decoded.message;
    return failed(
      STRING_EXPECTED.test(message) ? 'Unterminated string starting at' : message,
      unterminatedAt,
    );
  }
  if (!decoded.ok) return failed(decoded.message, mistake ?? 0);
  const texts = new Map<string, string>();
  for (let index = 0; index < outline.long.length; index += 2) {
    const [start = 0, end = 0] = outline.long.slice(index, index + 2);
    const parts: string[] = [];
    for (let at = start; at < end; ) {
      const cut = at + SLICE < end ? cutBefore(body, at, at + SLICE) : end;
      const part = decodeJson(`"${body.toString('utf8', at, cut)}"`);
      if (!part.ok) {
        const before = await charactersBefore(body, at, pause);
        return { ok: false, index: before + part.index - 1, message: part.message };
      }
      parts.push(options.excerpts === true ? excerpt(part.value as string) : (part.value as string));
      at = cut;
      if (end - start >= SLICE || index % STRINGS === 0) await pause();
    }
    texts.set(skeleton.marker(index), options.excerpts === true ? excerpt(parts.join('')) : parts.join(''));
  }
  return { ok: true, value: restore(decoded.value, texts) };
}

function excerpt(text: string): string {
  return text.length <= 2 * EXCERPT ? text : `${text.slice(0, EXCERPT)}...${text.slice(-EXCERPT)}`;
}

/** A JSON text with a marker in the place of each long string. */
class Skeleton {
  text = '';
  private readonly nonce = randomBytes(12).toString('hex');
  private readonly body: Buffer;
  private readonly long: readonly number[];

  constructor(body: Buffer, long: readonly number[]) {
    this.body = body;
    this.long = long;
  }

  async build(pause: Pause): Promise<void> {
    const parts: string[] = [];
    let from = 0;
    for (let index = 0; index < this.long.length; index += 2) {
      parts.push(this.body.toString('utf8', from, this.long[index]), this.marker(index));
      from = this.long[index + 1] as number;
      if (index % STRINGS === 0) await pause();
    }
    parts.push(this.body.toString('utf8', from));
    this.text = parts.join('');
  }

  marker(index: number): string {
    return `${this.nonce}${index}.`;
  }

  offsetOf(character: number): number {
    let offset = Buffer.byteLength(this.text.slice(0, character));
    for (let index = 0; index < this.long.length; index += 2) {
      const start = this.long[index] as number;
      if (offset <= start) break;
      offset += (this.long[index + 1] as number) - start - this.marker(index).length;
    }
    return offset;
  }
}

function cutBefore(body: Buffer, start: number, end: number): number {
  let cut = end;
  while (cut > end - 4 && cut > start && ((body[cut] as number) & 0xc0) === 0x80) cut -= 1;
  const near = body.subarray(cut - LONGEST_ESCAPE, cut).lastIndexOf(BACKSLASH);
  if (near < 0) return cut;
  const last = cut - LONGEST_ESCAPE + near;
  let run = last;
  while (run > start && body[run - 1] === BACKSLASH) run -= 1;
  // Of an even number the last is escaped itself, and its escape is over.
  return (last - run) % 2 === 0 ? last : cut;
}

async function charactersBefore(body: Buffer, end: number, pause: Pause): Promise<number> {
  let count = 0;
  for (let at = 0; at < end; at += SLICE) {
    for (let byte = at; byte < Math.min(end, at + SLICE); byte += 1) {
      const value = body[byte] as number;
      // UTF-16: none for bytes that continue a character, two for one of four bytes.
      if ((value & 0xc0) !== 0x80) count += value >= 0xf0 ? 2 : 1;
    }
    await pause();
  }
  return count;
}

/** Puts the long strings back where their markers stand. */
function restore(value: unknown, texts: ReadonlyMap<string, string>): unknown {
  if (texts.size === 0) return value;
  if (typeof value === 'string') return texts.get(value) ?? value;
  if (Array.isArray(value)) return value.map((each) => restore(each, texts));
  if (typeof value !== 'object' || value === null) return value;
  // Not by assignment: `__proto__` is a key like any other.
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      const long = texts.get(key);
      return [long === undefined ? key : longKey(long, key), restore(each, texts)];
    }),
  );
}

const LONGEST_KEY = 8192;

/** V8 hashes the whole of a key: of a very long one the beginning and the marker are enough. */
function longKey(text: string, marker: string): string {
  return text.length <= LONGEST_KEY ? text : `${text.slice(0, LONGEST_KEY)}${marker}`;
}
