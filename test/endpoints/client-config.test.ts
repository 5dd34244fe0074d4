import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TEXT_RULES } from '../../src/config/rules.js';
import {
  checkClientConfigs,
  formatForFile,
  writeClientConfigs,
  writeClientFile,
} from '../../src/endpoints/client-config.js';
import { folder, refused } from './folder.js';
import { endpoint, fleet, pending } from './samples.js';

describe('the format of a file', () => {
  it.each([
    ['endpoints.json', 'json'],
    ['/x/endpoints.YAML', 'yaml'],
    ['a.yml', 'yaml'],
    ['urls.txt', 'txt'],
    ['sandbox.env', 'env'],
    ['.env', 'env'],
    ['.env.local', 'env'],
    ['sandbox.sh', 'env'],
    ['sandbox_servers.py', 'python'],
  ])('%s: %s', (path, format) => {
    expect(formatForFile(path)).toBe(format);
    expect(TEXT_RULES.clientConfig?.(path)).toBeUndefined();
  });

  it.each(['endpoints', 'a.toml', '/x.json/y', 'env', '.json'])('%s says none', async (path) => {
    const error = await refused(Promise.resolve().then(() => formatForFile(path)));
    expect(error).toMatchObject({ kind: 'usage', detail: expect.stringContaining('.yaml') });
    expect(TEXT_RULES.clientConfig?.(path)).toContain('.yaml');
  });
});

it('writes those that are ready, each file in its own format', async () => {
  const root = folder();
  const paths = ['e.json', 'e.yaml', 'e.txt', 'e.env', 'e.py'].map((name) => join(root, name));
  await checkClientConfigs(paths);
  await writeClientConfigs(paths, fleet([endpoint(0), pending(1)]), { direct: false });
  const texts = paths.map((path) => readFileSync(path, 'utf8'));
  expect(JSON.parse(texts[0] ?? '').endpoints).toHaveLength(1);
  for (const text of texts) expect(text).toContain('node1');
  expect(readdirSync(root)).toHaveLength(5);
});

it('writes no file where one format refuses', async () => {
  const root = folder();
  const paths = [join(root, 'e.json'), join(root, 'e.env')];
  const file = fleet([endpoint(0, { auth: 'bearer' })]);
  expect(await refused(writeClientConfigs(paths, file, { direct: false }))).toMatchObject({ kind: 'usage' });
  expect(readdirSync(root)).toEqual([]);
});

describe('the place of a file', () => {
  it('its mode is the umask of the caller', async () => {
    const path = join(folder(), 'e.json');
    const before = process.umask(0o027);
    try {
      await writeClientFile(path, 'x');
    } finally {
      process.umask(before);
    }
    expect((statSync(path).mode & 0o777).toString(8)).toBe('640');
  });

  it('a symbolic link stays one', async () => {
    const root = folder();
    mkdirSync(join(root, 'shared'));
    writeFileSync(join(root, 'shared/e.json'), 'old');
    symlinkSync('shared/e.json', join(root, 'e.json'));
    await writeClientFile(join(root, 'e.json'), 'new');
    expect(lstatSync(join(root, 'e.json')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(root, 'shared/e.json'), 'utf8')).toBe('new');
  });

  it('a device, a folder and a missing folder are refused before anything is written', async () => {
    const root = folder();
    mkdirSync(join(root, 'e.json'));
    symlinkSync('/dev/null', join(root, 'null.json'));
    for (const name of ['e.json', 'null.json', 'nosuch/e.json']) {
      const path = join(root, name);
      const error = await refused(checkClientConfigs([path]));
      expect(error).toMatchObject({ kind: 'config', message: expect.stringContaining(path) });
      expect(await refused(writeClientFile(path, 'x'))).toMatchObject({ kind: 'config' });
    }
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });
});
