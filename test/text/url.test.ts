import fc from 'fast-check';
import { expect, test } from 'vitest';
import { urlOf } from '../../src/text/url.js';

const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain());

test('a URL names the host and the port that it was made of', () => {
  fc.assert(
    fc.property(host, fc.integer({ min: 1, max: 65_535 }), (name, port) => {
      const { hostname, host } = new URL(urlOf(name, port));
      expect(hostname.startsWith('[')).toBe(name.includes(':'));
      expect(host).toBe(port === 80 ? hostname : `${hostname}:${port}`);
    }),
  );
});
