import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBase64 } from '../../../src/sandbox/files/base64.js';
import { python } from './python.js';

const pause = async () => undefined;

const DECODE = `
import base64, json, sys
def decode(text):
    try: return base64.b64decode(text.encode()).hex()
    except Exception as error: return str(error)
print(json.dumps([decode(text) for text in json.load(sys.stdin)]))
`;

const symbol = fc.constantFrom(...'AZaz09+/==', '\n', ' ', '-', '_', 'é');
const encoded = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('base64'));
const texts = fc.oneof(fc.string({ unit: symbol, maxLength: 14 }), encoded);

test('base64 is decoded as in Python, including padding and errors', async () => {
  const cases = fc.sample(texts, { numRuns: 5_000, seed: 1 });
  const expected = python<string[]>(DECODE, cases);
  const read = async (text: string): Promise<string> => {
    try {
      return (await fromBase64(text, pause)).toString('hex');
    } catch (error) {
      return (error as Error).message;
    }
  };
  const all = await Promise.all(cases.map(async (text) => [text, await read(text)]));
  expect(all).toEqual(cases.map((text, at) => [text, expected[at]]));
});

test('a long base64 text is decoded in slices, wherever they are cut', async () => {
  const bytes = Buffer.from(Array.from({ length: 300_001 }, (_, at) => at * 7));
  // Lines of 76 characters, so that no slice ends with a group of four.
  const text = bytes.toString('base64').replace(/.{76}/g, '$&\n');
  let pauses = 0;
  const read = await fromBase64(text, async () => {
    pauses += 1;
  });
  expect(read.equals(bytes)).toBe(true);
  expect(pauses).toBe(Math.floor(text.length / 2 ** 18));
  await expect(fromBase64(`${text.slice(0, -4)}A`, pause)).rejects.toThrow('cannot be 1 more than');
});
