import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBase64 } from '../../../src/sandbox/files/base64.js';
import { python } from './python.js';

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

test('base64 is read as Python reads it, padding and errors included', () => {
  const cases = fc.sample(texts, { numRuns: 5_000, seed: 1 });
  const expected = python<string[]>(DECODE, cases);
  const read = (text: string): string => {
    try {
      return fromBase64(text).toString('hex');
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(cases.map((text) => [text, read(text)])).toEqual(cases.map((text, at) => [text, expected[at]]));
});
