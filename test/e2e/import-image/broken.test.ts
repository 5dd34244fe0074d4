import { execFileSync } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../cluster/registry-front.js';
import { inParts } from '../../support/parts.js';
import { call, layersAsked, type Place, type Site, startSite } from './imports.js';
import { tinyImage } from './tiny-image.js';

let site: Site;
let count = 0;
let place: Place;

beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.down());
beforeEach(async () => {
  count += 1;
  // One try each: how often is curl's and xargs' affair, and the waits between would only cost time.
  place = await site.place(`broken-${count}`, { ENROOT_TRANSFER_RETRIES: '0' });
});
afterEach(async () => {
  site.registry.fail([]);
  expect(await readdir(place.images)).toEqual([]);
  expect(await readdir(join(site.folder, 'tmp'))).toEqual([]);
});

describe('import-image reports a failing registry and leaves nothing behind:', () => {
  const faults: [string, Fault, string, RegExp][] = [
    ['404', { match: /manifests/, status: 404 }, 'refused', /has no image/],
    [
      '401',
      { match: /manifests/, status: 401 },
      'refused',
      /private, or it does not exist|requires credentials/,
    ],
    ['403', { match: /manifests/, status: 403 }, 'refused', /forbids/],
    ['429', { match: /manifests/, status: 429 }, 'tool', /limits how often/],
    ['500', { match: /manifests/, status: 500 }, 'tool', /out of order \(HTTP 500\)/],
    ['a portal', { match: /./, status: 200, body: '<html>' }, 'tool', /no registry answered/],
    ['a layer with 404', { match: /blobs/, status: 404 }, 'refused', /a layer of .* does not have/],
    ['a layer with 429', { match: /blobs/, status: 429 }, 'tool', /limits how often/],
    ['a layer cut', { match: /blobs/, damage: 'truncate' }, 'tool', /broke off/],
    ['a layer changed', { match: /blobs/, damage: 'corrupt' }, 'refused', /arrived damaged/],
  ];
  for (const { rows, tags } of inParts(faults, 6))
    it.each(rows)('%s', { tags }, async (_, fault, kind, what) => {
      site.registry.fail([fault]);
      const { error, stdout } = await call(place.asked);
      expect(error).toMatchObject({
        kind,
        message: expect.stringMatching(what),
        detail: expect.stringMatching(/\S/),
      });
      expect(stdout).toBe('');
    });

  it('a name that does not resolve', async () => {
    const { error } = await call({ ...place.asked, image: 'registry.invalid/a:b' });
    expect(error).toMatchObject({
      kind: 'tool',
      message: 'the name registry.invalid cannot be resolved',
      detail: 'curl: (6) Could not resolve host: registry.invalid',
    });
  });

  it('no server, and HTTPS to a plain HTTP registry', { tags: 'matrix' }, async () => {
    const nobody = { ...place.asked.env, SANDBOXCTL_REGISTRY_MIRROR: 'http://127.0.0.1:9' };
    expect((await call({ ...place.asked, env: nobody })).error?.detail).toMatch(/^curl: \(7\)/);
    const https = { ...place.asked.env, SANDBOXCTL_REGISTRY_MIRROR: `https://${site.registry.host}` };
    expect((await call({ ...place.asked, env: https })).error).toMatchObject({
      message: expect.stringContaining('does not speak https'),
      hint: expect.stringContaining('http://'),
    });
  });

  it('a stalled layer, after the configured time or the default', {
    tags: 'matrix',
  }, async () => {
    // The caller's own .curlrc counts, but cannot lift the bound.
    await writeFile(join(place.asked.place, 'home', '.curlrc'), 'user-agent = "of the caller"\n');
    site.registry.fail([{ match: /blobs/, damage: 'stall' }]);
    const started = Date.now();
    const env = { ...place.asked.env, SANDBOXCTL_STALL_TIMEOUT: '2s' };
    const { error } = await call({ ...place.asked, env });
    expect(error).toMatchObject({
      kind: 'tool',
      message: expect.stringContaining('stopped sending'),
      detail: expect.stringMatching(/^curl: \(28\)/),
    });
    expect(Date.now() - started).toBeLessThan(15_000);
  });

  it('a stalled manifest', { tags: 'matrix' }, async () => {
    site.registry.fail([{ match: /GET .*manifests/, damage: 'stall' }]);
    const env = { ...place.asked.env, SANDBOXCTL_STALL_TIMEOUT: '1s' };
    expect((await call({ ...place.asked, env })).error).toMatchObject({
      detail: expect.stringMatching(/^curl: \(28\)/),
    });
  });
});

describe('import-image reports what this machine lacks:', () => {
  it('enroot, with --on here, and with auto if there is no srun', async () => {
    const bare = join(site.folder, 'bare');
    await mkdir(bare, { recursive: true });
    const env = { ...place.asked.env, PATH: bare };
    for (const flags of [{ on: 'here' }, {}, { on: 'job' }]) {
      const { error } = await call({ ...place.asked, env, flags });
      expect(error).toMatchObject({
        kind: 'tool',
        detail: expect.stringMatching(/^command not found: (enroot|srun)$/),
      });
    }
  });

  for (const { rows, tags } of inParts(['target', 'temp', 'cache'], 1))
    it.each(rows)('room: %s', { tags }, async (which) => {
      await inSmallFolder('256k', async (small) => {
        const before = layersAsked(site.registry);
        const env = {
          ...place.asked.env,
          ...(which === 'temp' ? { ENROOT_TEMP_PATH: small } : {}),
          ...(which === 'cache' ? { ENROOT_CACHE_PATH: small } : {}),
        };
        const output = which === 'target' ? join(small, 'x.sqsh') : undefined;
        const { error } = await call({ ...place.asked, env, output });
        expect(error).toMatchObject({
          kind: 'refused',
          message: expect.stringMatching(new RegExp(`^not enough space .* in ${small}$`)),
          detail: expect.stringMatching(/^1 MiB free, about \d MiB needed$/),
        });
        expect(layersAsked(site.registry)).toBe(before);
      });
    });

  it.each([
    ['temp', /unpacks layers is full/, /No space left on device|Wrote only/],
    [
      'target',
      /small is full/,
      /^(?:Write failed because No space left on device|FATAL ERROR: Failed to write to output filesystem)$/,
    ],
  ])('room that no size told of: %s', { tags: 'matrix' }, async (which, what, words) => {
    const image = 'varad0309/code_sandbox:zeros';
    await site.registry.push(
      image,
      await tinyImage(site.folder, 20_000_000, (bytes) => Buffer.alloc(bytes, 'same ')),
    );
    await inSmallFolder('4m', async (small) => {
      const env = {
        ...place.asked.env,
        ENROOT_SQUASH_OPTIONS: '-noD -noI -exit-on-error',
        ...(which === 'temp' ? { ENROOT_TEMP_PATH: small } : {}),
      };
      const output = which === 'target' ? join(small, 'x.sqsh') : undefined;
      const { error } = await call({ ...place.asked, env, image, output });
      expect(error).toMatchObject({
        kind: 'refused',
        message: expect.stringMatching(what),
        detail: expect.stringMatching(words),
      });
      expect(await readdir(small)).toEqual([]);
    });
  });

  async function inSmallFolder(size: string, use: (folder: string) => Promise<void>): Promise<void> {
    const small = join(place.asked.place, 'small');
    await mkdir(small);
    await mkdir(place.images, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', small]);
    try {
      await use(small);
    } finally {
      execFileSync('umount', [small]);
    }
  }
});
