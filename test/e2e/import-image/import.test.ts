import { execFileSync } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { recordOf, sidecarPath } from '../../../src/image/sidecar.js';
import { judgeHead } from '../../../src/image/verify.js';
import { call, IMAGE, layersAsked, type Place, type Site, start, startSite } from './imports.js';
import { tinyImage } from './tiny-image.js';

let site: Site;
let here: Place;

beforeAll(async () => {
  site = await startSite();
  here = await site.place('main');
  expect((await call(here.asked)).error).toBeUndefined();
});
afterAll(() => site.down());
beforeEach(() => site.registry.fail([]));

/** A place that has imported before. */
async function imported(name: string): Promise<Place> {
  const place = await site.place(name);
  expect((await call(place.asked)).error).toBeUndefined();
  return place;
}

describe('import-image', () => {
  it('leaves a verified image with its sidecar, and nothing else', async () => {
    const place = await site.place('fresh');
    const { stdout, stderr, error } = await call(place.asked);
    expect(error).toBeUndefined();
    expect(stdout).toBe(`${place.image}\n`);
    expect(stderr.trimEnd().split('\n')).toEqual([
      'Asking the registry for the digest...',
      'Querying registry for permission grant',
      'Fetching image manifest list',
      'Fetching image manifest',
      'Downloading 2 missing layers...',
      'Extracting image layers...',
      'Converting whiteouts...',
      'Creating squashfs filesystem...',
      'Listing the files of the image...',
      'Verifying the image...',
    ]);
    expect((await readdir(place.images)).sort()).toEqual([
      'varad0309+code_sandbox+server.sqsh',
      'varad0309+code_sandbox+server.sqsh.json',
    ]);
    expect(await readdir(join(site.folder, 'tmp'))).toEqual([]);
    expect(await judgeHead(place.image)).toBeUndefined();
    const record = JSON.parse(await readFile(sidecarPath(place.image), 'utf8')) as Record<string, unknown>;
    expect(record).toMatchObject({
      schema_version: 1,
      image: `docker.io/${IMAGE}`,
      digest: site.digest,
      size: (await stat(place.image)).size,
      versions: { enroot: '4.1.2', squashfs_tools: expect.stringMatching(/^4\./) },
      options: expect.arrayContaining([
        expect.stringMatching(/^ENROOT_SQUASH_OPTIONS=-comp zstd .* \(sandboxctl\)$/),
      ]),
      imported_on: { where: 'here' },
      previous: null,
    });
  });

  it('downloads no layer while the digest is unchanged', async () => {
    const before = layersAsked(site.registry);
    const { stdout, stderr } = await call(here.asked);
    expect(stdout).toBe(`${here.image}\n`);
    expect(stderr).toContain(`${IMAGE} is unchanged (${site.digest}): no layer was asked for`);
    expect(stderr).not.toContain('Creating squashfs');
    expect(layersAsked(site.registry)).toBe(before);
  });

  it('imports a tag that moved, and names both digests', { tags: 'matrix' }, async () => {
    const place = await imported('moved');
    const next = await tinyImage(site.folder);
    await site.registry.push('moved/image:tag', next);
    await site.registry.push(IMAGE, next);
    try {
      const { stderr } = await call(place.asked);
      expect(stderr).toContain(`${IMAGE} moved from ${site.digest} to ${next.digest}: importing it again`);
      expect(await recordOf(place.image)).toMatchObject({ digest: next.digest });
    } finally {
      site = { ...site, digest: next.digest };
    }
  });

  it.each([
    [
      'nothing listens there',
      async () => ({ SANDBOXCTL_REGISTRY_MIRROR: 'http://127.0.0.1:9' }),
      /curl: \(7\)/,
    ],
    ['too many requests', async () => site.registry.fail([{ match: /manifests/, status: 429 }]), /429/],
    ['out of order', async () => site.registry.fail([{ match: /manifests/, status: 503 }]), /503/],
    ['a portal', async () => site.registry.fail([{ match: /manifests/, status: 200, body: '<html>' }]), /./],
  ])('uses the verified image when the registry is away: %s', async (_, breakIt, words) => {
    const env = { ...here.asked.env, ENROOT_TRANSFER_RETRIES: '0', ...((await breakIt()) ?? {}) };
    const { stdout, stderr, error } = await call({ ...here.asked, env });
    expect(error).toBeUndefined();
    expect(stdout).toBe(`${here.image}\n`);
    expect(stderr).toMatch(
      /^warning: using varad0309\/code_sandbox:server as imported on 20.*may be out of date$/m,
    );
    expect(stderr).toMatch(words);
  });

  it('does not report a refusal of the registry as an unchanged image', async () => {
    site.registry.fail([{ match: /manifests/, status: 404 }]);
    const { stdout, error } = await call(here.asked);
    expect(error).toMatchObject({ kind: 'refused' });
    expect(stdout).toBe('');
    expect(await recordOf(here.image)).not.toBeNull();
  });

  it('imports an unchanged image with --force', { tags: 'matrix' }, async () => {
    const before = (await recordOf(here.image))?.time;
    const { stderr } = await call({ ...here.asked, force: true });
    expect(stderr).toContain('Creating squashfs');
    expect((await recordOf(here.image))?.time).not.toBe(before);
  });

  it('replaces a damaged image', { tags: 'matrix' }, async () => {
    const place = await imported('damaged');
    await writeFile(place.image, (await readFile(place.image)).subarray(0, 5000));
    const { stderr } = await call(place.asked);
    expect(stderr).toContain('Creating squashfs');
    expect(await judgeHead(place.image)).toBeUndefined();
  });

  it('writes to the file of -o, and accepts a digest, a registry and a scheme', {
    tags: 'matrix',
  }, async () => {
    const place = await site.place('output');
    const image = `docker://${site.registry.host}#varad0309/code_sandbox@${site.digest}`;
    const env = { ...place.asked.env, ENROOT_ALLOW_HTTP: 'y' };
    const asked = { ...place.asked, env, image, output: 'mine.sqsh' };
    expect(await call(asked)).toMatchObject({
      stdout: `${join(place.asked.place, 'mine.sqsh')}\n`,
      error: undefined,
    });
    const count = site.registry.requests().length;
    expect((await call(asked)).stderr).toContain('a digest never changes');
    expect(site.registry.requests().length).toBe(count);
  });

  it('never replaces a file that it did not write', { tags: 'matrix' }, async () => {
    const place = await site.place('guard');
    const notes = join(place.asked.place, 'notes.txt');
    await writeFile(notes, 'dear diary '.repeat(20));
    expect((await call({ ...place.asked, output: notes })).error).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('superblock'),
    });
    expect(await readFile(notes, 'utf8')).toContain('dear diary');
    await mkdir(join(place.asked.place, 'folder'));
    expect((await call({ ...place.asked, output: 'folder' })).error?.message).toContain('is a folder');

    await site.registry.push('varad0309/code_sandbox:other', await tinyImage(site.folder));
    const other = { ...here.asked, image: 'varad0309/code_sandbox:other', output: here.image };
    const { error } = await call(other);
    expect(error).toMatchObject({ kind: 'refused', hint: expect.stringContaining('-o FILE') });
  });

  it('reports a folder that cannot be created or written', async () => {
    const { error } = await call({ ...here.asked, output: '/dev/null/x/y.sqsh' });
    expect(error).toMatchObject({ kind: 'refused', hint: expect.stringContaining('imageDir') });
  });

  it('prints one object with --json, also if it fails', async () => {
    const { stdout } = await call({ ...here.asked, flags: { json: true } });
    expect(JSON.parse(stdout)).toMatchObject({ type: 'result', path: here.image, imported: false });
    const failed = await call({ ...here.asked, output: '/dev/null/x/y.sqsh', flags: { json: true } });
    expect(JSON.parse(failed.stdout)).toMatchObject({
      type: 'result',
      reason: failed.error?.message,
      data: { exit_code: 5, error: { kind: 'refused' } },
    });
  });

  it('names the origin of each setting with -v; the caller’s wins', { tags: 'matrix' }, async () => {
    const place = await site.place('verbose', {
      ENROOT_TRANSFER_RETRIES: '7',
      ENROOT_SQUASH_OPTIONS: '-comp gzip',
    });
    const { stderr } = await call({ ...place.asked, verbose: true });
    expect(stderr).toContain('+ ENROOT_TRANSFER_RETRIES=7 (environment)\n');
    expect(stderr).toContain('+ ENROOT_SQUASH_OPTIONS=-comp gzip (environment)\n');
    expect(stderr).toContain('+ ENROOT_CONNECT_TIMEOUT=10 (sandboxctl)\n');
    expect((await recordOf(place.image))?.options).toContain('ENROOT_TRANSFER_RETRIES=7 (environment)');
  });

  it("lets the site's enroot.conf win over its own choices, and the caller over both", {
    tags: 'matrix',
  }, async () => {
    const place = await site.place('conf', { ENROOT_TRANSFER_RETRIES: '7' });
    // The machine's own /etc stays as it is: the copy is seen in a mount namespace alone.
    const etc = join(place.asked.place, 'etc');
    await cp('/etc', etc, { recursive: true, verbatimSymlinks: true });
    await mkdir(join(etc, 'enroot'), { recursive: true });
    const lines = [
      '# site',
      'ENROOT_SQUASH_OPTIONS -comp lzo -noD',
      'ENROOT_TRANSFER_RETRIES 5',
      `ENROOT_TEMP_PATH ${place.asked.place}/$(echo temp)`,
    ];
    await writeFile(join(etc, 'enroot/enroot.conf'), `${lines.join('\n')}\n`);
    // Of two values enroot takes the first.
    await mkdir(join(etc, 'enroot/enroot.conf.d'), { recursive: true });
    await writeFile(join(etc, 'enroot/enroot.conf.d/90.conf'), 'ENROOT_SQUASH_OPTIONS -comp gzip\n');
    await mkdir(join(place.asked.place, 'temp'));
    const { code, stderr } = await start({ ...place.asked, verbose: true }, [
      'unshare',
      '-m',
      'sh',
      '-c',
      'mount --bind "$0" /etc && exec "$@"',
      etc,
    ]).ended;
    expect(code).toBe(0);
    expect(stderr).toContain('+ ENROOT_SQUASH_OPTIONS=-comp lzo -noD (enroot.conf)\n');
    expect(execFileSync('unsquashfs', ['-s', place.image], { encoding: 'utf8' })).toContain(
      'Compression lzo\n',
    );
    expect(stderr).toContain('+ ENROOT_TRANSFER_RETRIES=7 (environment)\n');
    expect(stderr).toMatch(new RegExp(`ENROOT_TEMP_PATH=${place.asked.place}/temp/sandboxctl-import`));
  });

  it('shows one live line on a terminal', { tags: 'matrix' }, async () => {
    const place = await site.place('terminal');
    const { stderr } = await call({ ...place.asked, columns: 30 });
    expect(stderr).toContain('\r\u001b[KDownloading 2 missing layers');
    expect(stderr).not.toContain('\n');
    expect(stderr.endsWith('\r\u001b[K')).toBe(true);
    for (const drawn of stderr.split('\r\u001b[K')) expect(drawn.length).toBeLessThan(30);
  });

  it('works without a runtime folder', { tags: 'matrix' }, async () => {
    const place = await site.place('runtime', { XDG_RUNTIME_DIR: '/dev/null/none' });
    expect((await call(place.asked)).error).toBeUndefined();
    await rm(place.images, { recursive: true });
  });
});
