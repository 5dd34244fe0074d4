import fc from 'fast-check';
import { expect, it } from 'vitest';
import { prefixer } from '../../src/logs/prefix.js';
import { collector } from './folder.js';

it('puts the prefix before every line, however the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('a', '\n', 'bb\n', '\xff', ''), { maxLength: 40 }),
      async (cuts) => {
        const seen = collector();
        const lines = prefixer('n1 1_0: ', seen.emit);
        for (const cut of cuts) await lines.write(Buffer.from(cut, 'latin1'));
        await lines.end();
        const whole = cuts.join('').match(/[^\n]*\n|[^\n]+$/g) ?? [];
        expect(seen.text()).toBe(whole.map((line) => `n1 1_0: ${line.replace(/\n$/, '')}\n`).join(''));
      },
    ),
  );
});

it('writes a line when it is whole, and a very long one in pieces', async () => {
  const seen = collector();
  const lines = prefixer('p: ', seen.emit);
  await lines.write(Buffer.from('one\ntw'));
  expect(seen.text()).toBe('p: one\n');
  await lines.write(Buffer.from('o\n'));
  expect(seen.text()).toBe('p: one\np: two\n');
  for (let n = 0; n < 4; n++) await lines.write(Buffer.alloc(40_000, 'x'));
  expect(seen.bytes().length).toBe(14 + 2 * (80_000 + 4));
});
