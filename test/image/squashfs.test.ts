import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSuperblock } from '../../src/image/squashfs.js';
import { judgeHead, verifyImage } from '../../src/image/verify.js';
import { run } from '../../src/process/run.js';
import { makeSquashfs, type Scratch, scratch } from './fixture.js';

let place: Scratch;
let sound: string;
const tools = { run, env: process.env };

beforeAll(async () => {
  place = await scratch();
  sound = await makeSquashfs(join(place.folder, 'sound.sqsh'));
});
afterAll(() => place.remove());

async function changed(name: string, change: (bytes: Buffer) => Buffer): Promise<string> {
  const path = join(place.folder, name);
  await writeFile(path, change(await readFile(sound)));
  return path;
}

describe('an image is judged', () => {
  it('sound, with the number of its files', async () => {
    expect(await verifyImage(sound, tools)).toEqual({ ok: true, listed: 2 });
  });

  it.each<[string, (bytes: Buffer) => Buffer, RegExp]>([
    ['empty', () => Buffer.alloc(0), /empty/],
    [
      'zeros where the superblock goes, as a killed mksquashfs leaves',
      (b) => Buffer.concat([Buffer.alloc(96), b.subarray(96)]),
      /no squashfs superblock/,
    ],
    ['text', () => Buffer.from('hello '.repeat(100)), /no squashfs superblock/],
    ['short', (b) => b.subarray(0, 50), /no squashfs superblock/],
    ['cut', (b) => b.subarray(0, b.length / 2), /it was cut: \d+ of \d+ bytes/],
    ['cut by one block', (b) => b.subarray(0, b.length - 4096 - 1), /it was cut/],
    [
      'of another version',
      (b) => {
        b.writeUInt16LE(3, 28);
        return b;
      },
      /version is 3\.0/,
    ],
    [
      'contradicting',
      (b) => {
        b.writeUInt16LE(9, 22);
        return b;
      },
      /contradicts/,
    ],
    [
      'of no known compression',
      (b) => {
        b.writeUInt16LE(99, 20);
        return b;
      },
      /compression/,
    ],
    [
      'with tables behind its end',
      (b) => {
        b.writeBigUInt64LE(1n << 40n, 64);
        return b;
      },
      /tables/,
    ],
  ])('%s', async (name, change, reason) => {
    const path = await changed(`${name.replaceAll(/\W/g, '-')}.sqsh`, change);
    expect(await judgeHead(path)).toMatch(reason);
    expect(await verifyImage(path, tools)).toMatchObject({ ok: false });
  });

  it('damaged inside its tables, which only the listing shows', async () => {
    const path = await changed('damaged.sqsh', (bytes) => {
      const inodes = Number(bytes.readBigUInt64LE(64));
      return Buffer.concat([bytes.subarray(0, inodes), Buffer.alloc(60, 0xff), bytes.subarray(inodes + 60)]);
    });
    expect(await judgeHead(path)).toBeUndefined();
    const verdict = await verifyImage(path, tools);
    expect(verdict).toMatchObject({ ok: false, reason: 'its files cannot be listed' });
  });

  it('missing, a folder, a device', async () => {
    await mkdir(join(place.folder, 'folder.sqsh'));
    expect(await judgeHead(join(place.folder, 'none.sqsh'))).toBe('there is no such file');
    expect(await judgeHead(join(place.folder, 'folder.sqsh'))).toBe('it is a folder');
    expect(await judgeHead('/dev/null')).toBe('it is not a file');
  });

  it('by its superblock alone where unsquashfs is not installed', async () => {
    const bare = { run, env: { PATH: '/nonexistent' } };
    expect(await verifyImage(sound, bare)).toEqual({ ok: true, listed: null });
    const path = await changed('bare.sqsh', (bytes) => bytes);
    await truncate(path, 4096);
    expect(await verifyImage(path, bare)).toMatchObject({ ok: false });
  });

  it('with what mksquashfs wrote into its superblock', async () => {
    const bytes = await readFile(sound);
    expect(readSuperblock(bytes, bytes.length)).toMatchObject({
      ok: true,
      superblock: { inodes: 2, compression: 'gzip', blockSize: 131_072 },
    });
  });
});
