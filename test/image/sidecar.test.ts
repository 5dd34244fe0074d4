import { copyFile, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256OfFile } from '../../src/image/hash.js';
import { type ImageRecord, recordOf, sidecarPath, writeSidecar } from '../../src/image/sidecar.js';
import { makeSquashfs, type Scratch, scratch } from './fixture.js';

let place: Scratch;
beforeAll(async () => {
  place = await scratch();
});
afterAll(() => place.remove());

async function describeImage(path: string, digest: string): Promise<ImageRecord> {
  const { size, mtimeNs } = await stat(path, { bigint: true });
  return {
    image: 'docker.io/a/b:c',
    digest,
    architecture: 'amd64',
    size: Number(size),
    sha256: await sha256OfFile(path),
    mtime_ns: String(mtimeNs),
    versions: { sandboxctl: '0', enroot: '4.1.2', squashfs_tools: '4.5.1' },
    options: [],
    imported_on: { where: 'here', node: 'n' },
    files: 2,
    time: '2026-01-01T00:00:00.000Z',
  };
}

describe('a sidecar belongs to its image, whatever the kill point', () => {
  it('before, between and after the two renames of a new import', async () => {
    const target = join(place.folder, 'a.sqsh');
    await makeSquashfs(target);
    const old = await describeImage(target, 'sha256:old');
    await writeSidecar(target, old, null);
    expect(await recordOf(target)).toEqual(old);

    const fresh = await makeSquashfs(join(place.folder, 'fresh'));
    const next = await describeImage(fresh, 'sha256:new');
    await writeSidecar(target, next, await recordOf(target));
    expect(await recordOf(target)).toEqual(old);
    await rename(fresh, target);
    expect(await recordOf(target)).toEqual(next);
  });

  it('does not grow with every import', async () => {
    const target = await makeSquashfs(join(place.folder, 'grow.sqsh'));
    const record = await describeImage(target, 'sha256:x');
    for (let i = 0; i < 3; i += 1) await writeSidecar(target, record, await recordOf(target));
    expect((await stat(sidecarPath(target))).size).toBeLessThan(2000);
  });

  it('another file of the same size and another time is not believed', async () => {
    const target = await makeSquashfs(join(place.folder, 'b.sqsh'));
    await writeSidecar(target, await describeImage(target, 'sha256:x'), null);
    const { size } = await stat(target);
    await writeFile(target, Buffer.alloc(size, 7));
    expect(await recordOf(target)).toBeNull();
  });

  it('a copy with another time is believed by its sha256', async () => {
    const target = await makeSquashfs(join(place.folder, 'c.sqsh'));
    const record = await describeImage(target, 'sha256:x');
    await writeSidecar(target, record, null);
    const copy = join(place.folder, 'copy.sqsh');
    await copyFile(target, copy);
    await copyFile(sidecarPath(target), sidecarPath(copy));
    await utimes(copy, 1, 1);
    expect(await recordOf(copy)).toEqual(record);
  });

  it.each(['', '{', '[]', 'null', '{"schema_version":2}', '{"schema_version":1,"image":1}'])(
    'a damaged one counts as none: %s',
    async (text) => {
      const target = join(place.folder, 'd.sqsh');
      await writeFile(target, 'x');
      await writeFile(sidecarPath(target), text);
      expect(await recordOf(target)).toBeNull();
    },
  );
});
