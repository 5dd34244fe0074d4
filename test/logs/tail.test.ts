import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { follower } from '../../src/logs/follow.js';
import { readTail } from '../../src/logs/tail.js';
import { collector, newFolder } from './folder.js';

const lost = () => undefined;

async function lastLines(path: string, lines: number): Promise<string> {
  const seen = collector();
  await follower(path, { emit: seen.emit, onLost: lost }).begin(lines);
  return seen.text();
}

it('finds the last lines wherever they lie in the two parts', async () => {
  const folder = await newFolder();
  const text = fc.array(fc.constantFrom('\n', 'a', 'bc\n', '\xff\n', '\r'), { maxLength: 30 });
  let at = 0;
  await fc.assert(
    fc.asyncProperty(text, text, fc.nat(12), async (before, after, lines) => {
      const path = join(folder, `${at++}.log`);
      // A part that was copied aside is never empty, and never the beginning of what followed it.
      const older = `older\n${before.join('')}`;
      await writeFile(`${path}.1`, Buffer.from(older, 'latin1'));
      await writeFile(path, Buffer.from(after.join(''), 'latin1'));
      const all = older + after.join('');
      const whole = all.match(/[^\n]*\n|[^\n]+$/g) ?? [];
      expect(await lastLines(path, lines)).toBe(lines === 0 ? '' : whole.slice(-lines).join(''));
    }),
    { numRuns: 300 },
  );
});

it('finds them past lines that are longer than what is read at once', async () => {
  const path = join(await newFolder(), 'a.log');
  const long = 'x'.repeat(300_000);
  await writeFile(path, `first\n${long}\nlast`);
  expect(await lastLines(path, 1)).toBe('last');
  expect(await lastLines(path, 2)).toBe(`${long}\nlast`);
  expect(await lastLines(path, 3)).toBe(`first\n${long}\nlast`);
  expect(await lastLines(path, Number.POSITIVE_INFINITY)).toBe(`first\n${long}\nlast`);
});

it('takes little memory for a large log', async () => {
  const path = join(await newFolder(), 'a.log');
  const megabyte = Buffer.alloc(1 << 20, 'no line break here ');
  for (let n = 0; n < 100; n++) await appendFile(path, megabyte);
  let bytes = 0;
  let most = 0;
  const emit = async (chunk: Buffer) => {
    bytes += chunk.length;
    most = Math.max(most, chunk.length);
  };
  await follower(path, { emit, onLost: lost }).begin(1);
  expect(bytes).toBe(100 << 20);
  expect(most).toBeLessThanOrEqual(64 * 1024);
});

it('gives text for a person: the lines below an error', async () => {
  const path = join(await newFolder(), 'a.log');
  expect(await readTail(path, 3)).toEqual([]);
  await writeFile(path, '');
  expect(await readTail(path, 3)).toEqual([]);
  await writeFile(path, Buffer.from('one\ntwo\nthr\xffee\nfour', 'latin1'));
  expect(await readTail(path, 3)).toEqual(['two', 'thr\ufffdee', 'four']);
  await writeFile(path, `${'y'.repeat(5_000_000)}\n`);
  expect((await readTail(path, 3)).join('').length).toBeLessThanOrEqual(256 * 1024);
});
