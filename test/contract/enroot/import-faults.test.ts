/** @module-tag contract */
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildImage } from '../../cluster/image/build.js';
import { run } from '../../cluster/image/tools.js';
import { newOrdinaryUser, type OrdinaryUser } from '../../cluster/ordinary-user.js';
import { type Registry, startRegistry } from '../../cluster/registry.js';
import type { Fault } from '../../cluster/registry-front.js';

const name = 'varad0309/code_sandbox:server';
let registry: Registry;
let person: OrdinaryUser;
let lowest = '';

beforeAll(async () => {
  [registry, person] = await Promise.all([startRegistry({ faults: [] }), newOrdinaryUser()]);
  const image = await buildImage();
  lowest = image.layers[0] ?? '';
  await registry.push(name, image);
});
afterAll(async () => {
  await registry.stop();
  await person.forget();
});

describe('an answer that is wrong', () => {
  const manifest = /GET .*\/manifests\//;
  // The configuration comes first, and is not tried twice: curl's own code. Layers are loaded by GNU parallel.
  const config = /GET .*\/blobs\//;
  const layer = () => new RegExp(`GET .*/blobs/${lowest}`);
  const first = /HEAD .*\/manifests\//;
  const cases: [
    what: string,
    fault: Omit<Fault, 'match'> & { match: RegExp | (() => RegExp) },
    code: number,
    stderr: RegExp,
  ][] = [
    ['rate limit', { match: first, status: 429 }, 1, /\[ERROR\] URL \S+ returned error code: 429 \n$/],
    [
      'server error',
      { match: manifest, status: 500 },
      1,
      /returned error code: 500 Internal Server Error\n$/,
    ],
    [
      'a portal’s page',
      { match: manifest, status: 200, body: '<html>Log in</html>' },
      1,
      /\[ERROR\] Could not process JSON input\n$/,
    ],
    [
      'configuration 404',
      { match: config, status: 404 },
      22,
      /curl: \(22\) The requested URL returned error: 404\n$/,
    ],
    ['layer 404', { match: layer, status: 404 }, 1, /curl: \(22\) The requested URL returned error: 404\n$/],
    ['layer 429', { match: layer, status: 429 }, 1, /curl: \(22\) The requested URL returned error: 429\n/],
    [
      'configuration cut short',
      { match: config, damage: 'truncate' },
      1,
      /curl: \(18\) transfer closed with \d+ bytes remaining to read\n/,
    ],
    [
      'layer cut short',
      { match: layer, damage: 'truncate' },
      1,
      /curl: \(18\) transfer closed with \d+ bytes remaining to read\n/,
    ],
    [
      'layer changed',
      { match: layer, damage: 'corrupt' },
      1,
      /\n(pigz: .*|Checksum mismatch: [0-9a-f]{64}\n$)/,
    ],
  ];
  test.each(cases)('%s', async (_what, { match, ...fault }, code, stderr) => {
    registry.fail([{ ...fault, match: typeof match === 'function' ? match() : match }]);
    const told = await person.run(
      ['enroot', 'import', '-o', 'bad.sqsh', `docker://${registry.host}/${name}`],
      {
        ENROOT_CACHE_PATH: join(person.home, 'cold'),
      },
    );
    registry.fail([]);
    expect(told.stderr).toMatch(stderr);
    expect(told.code).toBe(code);
    await expect(stat(join(person.home, 'bad.sqsh'))).rejects.toThrow('ENOENT');
    expect(await readdir(join(person.home, 'temp'))).toEqual([]);
  });

  test('a stalled layer hangs for ever, but for ENROOT_TRANSFER_TIMEOUT', async () => {
    registry.fail([{ match: layer(), damage: 'stall' }]);
    const argv = ['enroot', 'import', '-o', 'slow.sqsh', `docker://${registry.host}/${name}`];
    const cold = { ENROOT_CACHE_PATH: join(person.home, 'stalled') };
    const bounded = await person.run(argv, { ...cold, ENROOT_TRANSFER_TIMEOUT: '1' });
    // GNU parallel's: how many layers failed, and on a busy machine none is loaded in a second.
    expect(bounded.code).toBeGreaterThan(0);
    expect(bounded.stderr).toContain('curl: (28) Operation timed out');
    const unbounded = person.start(argv, cold);
    const later = new Promise((resolve) => setTimeout(resolve, 2000, 'still there'));
    expect(await Promise.race([unbounded.ended, later])).toBe('still there');
    unbounded.kill('SIGINT', 'group');
    expect(await unbounded.ended).toMatchObject({ signal: 'SIGINT' });
    registry.fail([]);
  });

  test('a layer lost on the way leaves the others in the cache', async () => {
    const image = await buildImage();
    registry.fail([{ match: new RegExp(`GET .*/blobs/${image.layers[1]}`), status: 404 }]);
    const cold = { ENROOT_CACHE_PATH: join(person.home, 'partly') };
    await person.run(['enroot', 'import', '-o', 'part.sqsh', `docker://${registry.host}/${name}`], cold);
    registry.fail([]);
    const kept = await readdir(cold.ENROOT_CACHE_PATH);
    expect(kept.sort()).toEqual(
      [image.config, ...image.layers]
        .filter((one) => one !== image.layers[1])
        .map((one) => one.slice(7))
        .sort(),
    );
  });
});

test.each([
  ['output', 'FATAL ERROR: ', { ENROOT_TEMP_PATH: 'HOME/temp' }],
  ['temporary folder', 'No space left on device', { ENROOT_TEMP_PATH: 'HOME/small' }],
  ['cache', 'No space left on device', { ENROOT_CACHE_PATH: 'HOME/small/cache' }],
])('no space in the %s', async (where, words, env) => {
  const small = join(person.home, 'small');
  await mkdir(small, { recursive: true });
  // Not in namespaces of the caller's own: the capabilities of the real one's helpers hold nothing there.
  await run('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=777', 'none', small]);
  try {
    const output = where === 'output' ? 'small/x.sqsh' : 'x.sqsh';
    const placed = Object.fromEntries(
      Object.entries(env).map(([key, value]) => [key, value.replace('HOME', person.home)]),
    );
    const argv = ['enroot', 'import', '-o', output, `docker://${registry.host}/${name}`];
    const told = await person.run(argv, placed);
    expect(told.stderr).toContain(words);
    expect(told.code).not.toBe(0);
  } finally {
    await run('umount', [small]);
  }
});
