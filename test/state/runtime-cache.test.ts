import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runtimeCache } from '../../src/state/runtime-cache.js';

const DAY = 24 * 3_600_000;
const ENROOT = { runtime: 'enroot', reason: 'node3 has enroot' } as const;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandboxctl-runtimes-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a detected runtime is cached for a week, by cluster and partition, until it is discarded', async () => {
  let now = 10 * DAY;
  // The first command of a user: there is no state folder yet.
  const cache = runtimeCache(join(folder, 'state'), () => now);
  expect(await cache.get('a/cpu')).toBeUndefined();
  await cache.set('a/cpu', ENROOT);
  await cache.set('a/gpu', { runtime: 'embedded', reason: 'Node' });
  now += 6 * DAY;
  expect(await cache.get('a/cpu')).toEqual({ ...ENROOT, at: 10 * DAY });
  await cache.drop('a/cpu');
  expect(await cache.get('a/cpu')).toBeUndefined();
  expect(await cache.get('a/gpu')).toMatchObject({ runtime: 'embedded' });
  now += DAY;
  expect(await cache.get('a/gpu')).toBeUndefined();
});

test('a runtime cache that cannot be read counts as empty, and is overwritten', async () => {
  const cache = runtimeCache(folder, () => 0);
  const path = join(folder, 'runtimes.json');
  for (const text of [
    '{"schema',
    '[]',
    '{"schema_version":2,"looks":{}}',
    '{"schema_version":1,"looks":{"a/b":{"runtime":"docker","reason":"","at":0}}}',
  ]) {
    await writeFile(path, text);
    expect(await cache.get('a/b')).toBeUndefined();
  }
  await cache.set('a/b', ENROOT);
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({
    schema_version: 1,
    looks: { 'a/b': ENROOT },
  });
});
