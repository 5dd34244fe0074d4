import { expect, test } from 'vitest';
import { type Piece, Pieces, sendInPieces } from '../../../src/sandbox/process/pieces.js';

async function throughPieces<T>(value: T): Promise<{ got: T; messages: number; longest: number }> {
  const pieces = new Pieces();
  const seen = { messages: 0, longest: 0 };
  let got: T | undefined;
  await sendInPieces(7, value, (message: Piece | { value: T }) => {
    seen.messages += 1;
    if ('piece' in message) {
      seen.longest = Math.max(seen.longest, message.piece.length);
      pieces.add(message);
    } else got = pieces.join(7, message.value);
  });
  return { got: got as T, ...seen };
}

test('a small message is sent unchanged', async () => {
  const program = { code: 'x', files: new Map([['a', Buffer.from('b')]]), stdin: null };
  const { got, messages } = await throughPieces(program);
  expect([got, messages]).toEqual([program, 1]);
  expect(got).toBe(program);
});

test('a long message is sent in pieces of a megabyte and arrives unchanged', async () => {
  const long = 'xé😀'.repeat(800_000);
  const program = {
    code: long,
    stdin: null,
    run: ['a'],
    files: new Map([
      ['long', Buffer.from(long)],
      ['short', Buffer.from('x')],
    ]),
  };
  const { got, longest } = await throughPieces(program);
  // Not compared by expect, which takes minutes for as much.
  expect(got.code === long).toBe(true);
  expect(got.files.get('long')?.equals(Buffer.from(long))).toBe(true);
  expect({ ...got, code: '', files: [...got.files.keys()] }).toEqual({
    ...program,
    code: '',
    files: ['long', 'short'],
  });
  expect(got.files.get('short')).toEqual(Buffer.from('x'));
  expect(longest).toBe(2 ** 20);
});

test('many short values are sent in pieces too, and those of a lost message are dropped', async () => {
  const files = new Map(
    Array.from({ length: 2_000 }, (_, at) => [`f${at}`, Buffer.alloc(1_500, at)] as const),
  );
  const { got, messages } = await throughPieces({ files });
  expect(messages).toBe(2_001);
  expect([...got.files].every(([path, bytes]) => bytes.equals(files.get(path) ?? Buffer.alloc(0)))).toBe(
    true,
  );
});
