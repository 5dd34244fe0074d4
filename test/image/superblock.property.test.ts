import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSuperblock } from '../../src/image/squashfs.js';
import { type Scratch, scratch } from './fixture.js';

let place: Scratch;
let image: Buffer;

beforeAll(async () => {
  place = await scratch();
  image = await made(3, 'gzip', 131_072);
});
afterAll(() => place.remove());

async function made(files: number, compression: string, blockSize: number): Promise<Buffer> {
  const name = `${files}-${compression}-${blockSize}`;
  const folder = join(place.folder, name);
  await mkdir(folder, { recursive: true });
  for (let at = 0; at < files; at += 1) await writeFile(join(folder, `f${at}`), `${at}`.repeat(100 * at));
  const path = `${folder}.sqsh`;
  const options = ['-comp', compression, '-b', String(blockSize), '-noappend', '-quiet', '-no-progress'];
  execFileSync('mksquashfs', [folder, path, ...options], { stdio: 'ignore' });
  return readFile(path);
}

/** What unsquashfs -s prints of the same image. */
async function statistics(bytes: Buffer) {
  const path = join(place.folder, 'statistics.sqsh');
  await writeFile(path, bytes);
  const printed = execFileSync('unsquashfs', ['-s', path], { encoding: 'utf8' });
  const number = (pattern: RegExp) => Number(pattern.exec(printed)?.[1]);
  return {
    inodes: number(/^Number of inodes (\d+)/m),
    compression: /^Compression (\w+)/m.exec(printed)?.[1],
    blockSize: number(/^Block size (\d+)/m),
    bytesUsed: number(/^Filesystem size (\d+) bytes/m),
  };
}

test('readSuperblock reports the same as unsquashfs -s for any image of mksquashfs', async () => {
  const compression = fc.constantFrom('gzip', 'xz', 'zstd', 'lzo', 'lz4');
  const blockSize = fc.integer({ min: 12, max: 20 }).map((log) => 2 ** log);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 40 }), compression, blockSize, async (...shape) => {
      const bytes = await made(...shape);
      const superblock = await statistics(bytes);
      expect(readSuperblock(bytes, bytes.length)).toEqual({ ok: true, superblock });
    }),
    { numRuns: 12 },
  );
});

test('readSuperblock never throws on damaged bytes, and rejects every image that was cut', () => {
  const damage = fc.array(fc.tuple(fc.nat(95), fc.nat(255)), { maxLength: 4 });
  fc.assert(
    fc.property(damage, fc.nat(image.length), (changes, length) => {
      const bytes = Buffer.from(image);
      for (const [at, value] of changes) bytes[at] = value;
      const verdict = readSuperblock(bytes.subarray(0, length), length);
      if (verdict.ok) expect(verdict.superblock.bytesUsed).toBeLessThanOrEqual(length);
      if (changes.length === 0) {
        expect(verdict.ok).toBe(length >= Number(image.readBigUInt64LE(40)));
      }
    }),
    { interruptAfterTimeLimit: 3_000, numRuns: 2_000 },
  );
});
