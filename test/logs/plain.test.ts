import fc from 'fast-check';
import { expect, it } from 'vitest';
import { withoutSequences } from '../../src/logs/plain.js';
import { collector } from './folder.js';

async function plain(cuts: readonly string[]): Promise<string> {
  const seen = collector();
  const { write, end } = withoutSequences(seen.emit);
  for (const cut of cuts) await write(Buffer.from(cut, 'latin1'));
  await end();
  return seen.bytes().toString('latin1');
}

it('leaves out what only a terminal understands, wherever the bytes are cut', async () => {
  const piece = fc.constantFrom('a', '\n', '\xff', '[', '\x1b[0m', '\x1b[38;5;208m', '\x1b[2K', '\x1b[?25l');
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 40 }), fc.array(fc.nat(200)), async (pieces, places) => {
      const whole = pieces.join('');
      const cuts = [0, ...places.map((at) => at % (whole.length + 1)).sort((a, b) => a - b), whole.length];
      const parts = cuts.slice(1).map((to, index) => whole.slice(cuts[index], to));
      expect(await plain(parts)).toBe(pieces.filter((each) => !each.startsWith('\x1b')).join(''));
    }),
  );
});

it('keeps what begins like one and is none', async () => {
  expect(await plain(['\x1b', 'x\x1b[1', '\n', '\x1b[3'])).toBe('\x1bx\x1b[1\n\x1b[3');
});
