import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256OfFile } from '../../src/image/hash.js';
import { identifyImage } from '../../src/image/identity.js';
import { run } from '../../src/process/run.js';
import { makeSquashfs, type Scratch, scratch } from './fixture.js';

let place: Scratch;
let sound: string;
const said: string[] = [];

beforeAll(async () => {
  place = await scratch();
  await mkdir(join(place.folder, 'images'));
  sound = await makeSquashfs(join(place.folder, 'images', 'varad0309+code_sandbox+server.sqsh'));
});
afterAll(() => place.remove());

function identify(image: string) {
  return identifyImage(image, {
    imageDir: join(place.folder, 'images'),
    stateFolder: join(place.folder, 'state'),
    cwd: place.folder,
    run,
    env: process.env,
    onProgress: (line) => said.push(line),
  });
}

describe('which image --image means', () => {
  it.each([
    ['a reference that was imported', () => 'varad0309/code_sandbox:server'],
    ['the same, as enroot writes it', () => 'docker://registry-1.docker.io#varad0309/code_sandbox:server'],
    ['an absolute path', () => sound],
    ['a relative path', () => `./images/${basename(sound)}`],
    ['a relative path without a dot', () => `images/${basename(sound)}`],
  ])('%s', async (_, image) => {
    const identity = await identify(image());
    expect(identity).toMatchObject({
      path: sound,
      sha256: await sha256OfFile(sound),
      reference: null,
      digest: null,
    });
  });

  it('hashes an image without a sidecar once, and again after it has changed', async () => {
    const path = await makeSquashfs(join(place.folder, 'mine.sqsh'));
    said.length = 0;
    const first = await identify(path);
    expect(await identify(path)).toEqual(first);
    expect(said).toHaveLength(1);
    await makeSquashfs(join(place.folder, 'other'), 1000);
    await writeFile(path, await readFile(join(place.folder, 'other')));
    expect((await identify(path)).sha256).not.toBe(first.sha256);
    expect(said).toHaveLength(2);
  });

  it.each<[string, () => Promise<string>, RegExp]>([
    ['never imported', async () => 'varad0309/code_sandbox:other', /no such file/],
    ['missing', async () => join(place.folder, 'none.sqsh'), /no such file/],
    ['a folder', async () => join(place.folder, 'images'), /folder/],
    ['empty', async () => file('empty.sqsh', Buffer.alloc(0)), /empty/],
    ['not squashfs', async () => file('text.sqsh', Buffer.from('x'.repeat(200))), /superblock/],
    [
      'truncated',
      async () => {
        const path = await file('cut.sqsh', await readFile(sound));
        await truncate(path, 5000);
        return path;
      },
      /cut/,
    ],
  ])('refuses one that is %s', async (_, make, words) => {
    await expect(identify(await make())).rejects.toMatchObject({
      kind: 'refused',
      detail: expect.stringMatching(words),
      hint: expect.stringContaining('sandboxctl import-image'),
    });
  });

  async function file(name: string, bytes: Buffer): Promise<string> {
    await writeFile(join(place.folder, name), bytes);
    return join(place.folder, name);
  }
});
