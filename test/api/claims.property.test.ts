import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Claims } from '../../src/api/claims.js';

const CLAIM = fc.record({
  by: fc.integer({ min: 0, max: 3 }),
  words: fc.constantFrom('no such language', 'disk full'),
  healthy: fc.constantFrom(true, false, undefined),
});

test('a request is at fault if two healthy servers say the same, or the only one twice, and not before', () => {
  fc.assert(
    fc.property(fc.array(CLAIM, { minLength: 1, maxLength: 8 }), fc.boolean(), (made, alone) => {
      const claims = new Claims<number>();
      const added = made.map(({ by, words, healthy }) => {
        const claim = claims.add(by, words);
        claim.healthy = healthy;
        return claim;
      });
      for (const claim of added) {
        const same = made.filter(({ words }) => words === claim.words);
        const count = (these: typeof made) =>
          alone ? these.length : new Set(these.map(({ by }) => by)).size;
        const healthy = count(same.filter((each) => each.healthy === true));
        const possible = count(same.filter((each) => each.healthy !== false));
        expect(claims.stateOf(claim, alone)).toBe(
          healthy >= 2 ? 'agreed' : possible >= 2 ? 'pending' : 'open',
        );
      }
    }),
  );
});
