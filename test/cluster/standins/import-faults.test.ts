import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildImage } from '../image/build.js';
import { type Registry, startRegistry } from '../registry.js';
import { newPerson, type Person } from './person.js';

const name = 'varad0309/code_sandbox:server';
let registry: Registry;
let person: Person;

beforeAll(async () => {
  [registry, person] = await Promise.all([startRegistry({ faults: [] }), newPerson()]);
  await registry.push(name, await buildImage());
});
afterAll(async () => {
  await registry.stop();
  await person.forget();
});

describe('an answer that is wrong', () => {
  const manifest = /GET .*\/manifests\//;
  const blob = /GET .*\/blobs\//;
  const first = /HEAD .*\/manifests\//;
  const cases: [
    what: string,
    fault: Parameters<Registry['fail']>[0][number],
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
    ['blob 404', { match: blob, status: 404 }, 1, /curl: \(22\) The requested URL returned error: 404\n$/],
    ['blob 429', { match: blob, status: 429 }, 1, /curl: \(22\) The requested URL returned error: 429\n$/],
    [
      'blob cut short',
      { match: blob, damage: 'truncate' },
      1,
      /curl: \(18\) transfer closed with \d+ bytes remaining to read\n/,
    ],
    [
      'blob changed',
      { match: blob, damage: 'corrupt' },
      1,
      /\n(pigz: .*|Checksum mismatch: [0-9a-f]{64}\n$)/,
    ],
  ];
  test.each(cases)('%s', async (_what, fault, code, stderr) => {
    registry.fail([fault]);
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

  test('a stalled blob hangs for ever, but for ENROOT_TRANSFER_TIMEOUT', async () => {
    registry.fail([{ match: blob, damage: 'stall' }]);
    const argv = ['enroot', 'import', '-o', 'slow.sqsh', `docker://${registry.host}/${name}`];
    const cold = { ENROOT_CACHE_PATH: join(person.home, 'stalled') };
    const bounded = await person.run(argv, { ...cold, ENROOT_TRANSFER_TIMEOUT: '1' });
    expect(bounded).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('curl: (28) Operation timed out'),
    });
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
  await mkdir(join(person.home, 'small'), { recursive: true });
  const output = where === 'output' ? 'small/x.sqsh' : 'x.sqsh';
  const script = `mount -t tmpfs -o size=8m,mode=777 none small && exec enroot import -o ${output} docker://${registry.host}/${name}`;
  const placed = Object.fromEntries(
    Object.entries(env).map(([key, value]) => [key, value.replace('HOME', person.home)]),
  );
  const told = await person.run(['unshare', '-rm', 'sh', '-c', script], placed);
  expect(told.stderr).toContain(words);
  expect(told.code).toBe(1);
});
