import fc from 'fast-check';
import { expect, test } from 'vitest';
import { forTerminal } from '../../src/logs/terminal.js';

async function shown(text: string, color: boolean, cuts: readonly number[] = []): Promise<string> {
  const pieces: Buffer[] = [];
  const out = forTerminal(async (bytes) => void pieces.push(bytes), color);
  const bytes = Buffer.from(text);
  let at = 0;
  for (const cut of [...cuts, bytes.length]) {
    await out.write(bytes.subarray(at, cut));
    at = Math.max(at, cut);
  }
  await out.end();
  return Buffer.concat(pieces).toString();
}

const NASTY =
  'a\u001b[31mred\u001b[0m\u001b]0;title\u0007\u001b[2J\u001b[1;1Hb\r\nc\rd\u0008\u001bP1q\u009b2Jé\n';

test('a terminal gets colours if it shows them, and no other command', async () => {
  const rest = 'b\nc\nd\\u0008\\u001bP1q\\u009b2Jé\n';
  expect(await shown(NASTY, true)).toBe(`a\u001b[31mred\u001b[0m${rest}`);
  expect(await shown(NASTY, false)).toBe(`ared${rest}`);
});

test('wherever the bytes are cut, the same is shown', async () => {
  const length = Buffer.byteLength(NASTY);
  const whole = await shown(NASTY, true);
  const cut = fc.array(fc.nat(length), { maxLength: 5 }).map((all) => all.sort((a, b) => a - b));
  await fc.assert(
    fc.asyncProperty(cut, async (cuts) => {
      expect(await shown(NASTY, true, cuts)).toBe(whole);
    }),
  );
});

test('a sequence that never ends is shown as text', async () => {
  expect(await shown('x\u001b]0;', true)).toBe(String.raw`x\u001b]0;`);
  expect(await shown('x\r', true)).toBe('x\n');
});
