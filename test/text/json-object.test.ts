import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fieldsOf, isObject, parseObject } from '../../src/text/json-object.js';

test('an object is read back from its JSON, and nothing else is', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const written = JSON.stringify(value);
      const isBraced = written.startsWith('{');
      expect(isObject(value)).toBe(isBraced);
      expect(parseObject(written)).toEqual(isBraced ? JSON.parse(written) : undefined);
      expect(fieldsOf(value)).toEqual(isBraced ? value : {});
    }),
  );
});

test.each([undefined, '', '{', '{"a":1} {'])('%j is no JSON object', (text) => {
  expect(parseObject(text)).toBeUndefined();
});
