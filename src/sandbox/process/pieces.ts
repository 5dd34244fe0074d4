/**
 * Messages of any size between server and launcher: long values are sent in pieces, since writing one message blocks.
 */

/** Bytes of one piece, and of a message that goes as it is. */
const PIECE = 2 ** 20;
const SHORT = 1024;

export interface Piece {
  id: number;
  index: number;
  total: number;
  piece: string | Buffer;
}

interface Detached {
  detachedPiece: number;
}

type Long = string | Buffer;

/** Sends a value: `send` resolves when its message is written. */
export async function sendInPieces<T>(
  id: number,
  value: T,
  send: (message: Piece | { value: T }) => Promise<void> | void,
): Promise<void> {
  if (sizeOf(value, PIECE) <= PIECE) {
    await send({ value });
    return;
  }
  const long: Long[] = [];
  const rest = detach(value, long) as T;
  for (const [index, each] of long.entries()) {
    const total = typeof each === 'string' ? 0 : each.length;
    for (let at = 0; at < each.length; at += PIECE) {
      const piece = typeof each === 'string' ? each.slice(at, at + PIECE) : each.subarray(at, at + PIECE);
      await send({ id, index, total, piece });
    }
  }
  await send({ value: rest });
}

export class Pieces {
  private readonly long = new Map<number, (string[] | { bytes: Buffer; length: number })[]>();

  add({ id, index, total, piece }: Piece): void {
    const all = this.long.get(id) ?? [];
    this.long.set(id, all);
    if (typeof piece === 'string') {
      all[index] ??= [];
      (all[index] as string[]).push(piece);
      return;
    }
    all[index] ??= { bytes: Buffer.allocUnsafeSlow(total), length: 0 };
    const buffer = all[index] as { bytes: Buffer; length: number };
    buffer.length += piece.copy(buffer.bytes, buffer.length);
  }

  join<T>(id: number, value: T): T {
    const all = this.long.get(id);
    if (all === undefined) return value;
    this.long.delete(id);
    return attach(
      value,
      all.map((each) => (Array.isArray(each) ? each.join('') : each.bytes)),
    ) as T;
  }

  forget(id: number): void {
    this.long.delete(id);
  }
}

function sizeOf(value: unknown, most: number): number {
  if (typeof value === 'string' || Buffer.isBuffer(value)) return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  let size = 0;
  for (const each of valuesOf(value)) {
    size += sizeOf(each, most - size);
    if (size > most) break;
  }
  return size;
}

function valuesOf(value: object): Iterable<unknown> {
  return value instanceof Map ? value.values() : Object.values(value);
}

function detach(value: unknown, long: Long[]): unknown {
  if (typeof value === 'string' || Buffer.isBuffer(value)) {
    if (value.length <= SHORT) return value;
    long.push(value);
    return { detachedPiece: long.length - 1 } satisfies Detached;
  }
  return mapped(value, (each) => detach(each, long));
}

function attach(value: unknown, long: readonly Long[]): unknown {
  if (isDetached(value)) return long[value.detachedPiece];
  return mapped(value, (each) => attach(each, long));
}

function isDetached(value: unknown): value is Detached {
  return typeof value === 'object' && value !== null && 'detachedPiece' in value;
}

function mapped(value: unknown, change: (value: unknown) => unknown): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [key, change(each)]));
  if (Array.isArray(value)) return value.map(change);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, change(each)]));
}
