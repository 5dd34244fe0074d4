import { CHUNK, type Part, readAt, wasEmptied, withParts } from './part.js';

const LONGEST_TAIL = 4 * CHUNK;
const NEWLINE = 0x0a;

export interface Joined {
  size: number;
  read(from: number, length: number): Promise<Buffer>;
}

export function join(parts: readonly Part[]): Joined {
  return {
    size: parts.reduce((size, part) => size + part.size, 0),
    async read(from, length) {
      const pieces: Buffer[] = [];
      let start = 0;
      for (const part of parts) {
        const [first, end] = [Math.max(from, start), Math.min(from + length, start + part.size)];
        if (first < end) pieces.push(await readAt(part, first - start, end - first));
        start += part.size;
      }
      return Buffer.concat(pieces);
    },
  };
}

/** During a rotation the older part is a copy of the newer. */
export async function history(older: Part | undefined, newer: Part | undefined): Promise<Part[]> {
  const distinct = older !== undefined && (await wasEmptied(older, newer));
  return [distinct ? older : undefined, newer].filter((part) => part !== undefined);
}

/** A last line without its line break counts. */
export async function startOfLast(lines: number, log: Joined): Promise<number> {
  if (lines === 0) return log.size;
  let found = 0;
  for (let end = log.size; end > 0; ) {
    const from = Math.max(0, end - CHUNK);
    const chunk = await log.read(from, end - from);
    for (let at = chunk.length - 1; at >= 0; at--) {
      at = chunk.lastIndexOf(NEWLINE, at);
      if (at < 0) break;
      if (from + at < log.size - 1 && ++found === lines) return from + at + 1;
    }
    end = from;
  }
  return 0;
}

export async function readTail(path: string, lines: number): Promise<string[]> {
  return withParts(path, async (older, newer) => {
    const log = join(await history(older, newer));
    const start = Math.max(await startOfLast(lines, log), log.size - LONGEST_TAIL);
    const text = (await log.read(start, log.size - start)).toString('utf8');
    return text === '' ? [] : text.replace(/\n$/, '').split('\n');
  });
}
