import { expect, test } from 'vitest';
import { encodingComplaint } from '../../../src/sandbox/files/encodable.js';
import { python } from './python.js';

const TEXTS = ["x='\ud800'", '\udfff', 'a\u{1f600}\ud83d', '\ud800\ud801x', '\udc00\ud800', 'é\ud800é'];

const COMPLAINTS = `
import json, sys
def complaint(text):
    try: text.encode()
    except UnicodeEncodeError as error: return str(error)
print(json.dumps([complaint(text) for text in json.load(sys.stdin)]))`;

test('text with lone surrogates is refused with Python’s message', () => {
  expect(TEXTS.map(encodingComplaint)).toEqual(python<string[]>(COMPLAINTS, TEXTS));
});

test.each(['', 'plain', '\u{1f600}', '\ufffd', 'NUL\0'])('%j is text', (text) => {
  expect(encodingComplaint(text)).toBeUndefined();
});
