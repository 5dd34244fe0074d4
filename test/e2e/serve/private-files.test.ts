import { chmodSync, chownSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { madeIn } from '../../support/paths.js';
import { asUser, WITHOUT_BWRAP } from './as-root.js';
import { type ServedCli, serveCli } from './server.js';

const USER = 61_237;
const SUPPLEMENTARY = 61_238;
const as = [...asUser(USER).filter((word) => word !== '--clear-groups'), `--groups=${SUPPLEMENTARY}`];
const PARENTS = ['/etc', '/opt', '/usr/local/etc', '/usr/local/share', '/usr/share'];

describe.each([
  ['bubblewrap', as],
  ['unshare', [...WITHOUT_BWRAP, ...as]],
])('what a group alone may read, by %s', (_, before) => {
  const folders: string[] = [];
  let served: ServedCli;

  beforeAll(async () => {
    for (const parent of PARENTS) {
      const folder = mkdtempSync(madeIn(parent, 'groups'));
      chmodSync(folder, 0o755);
      folders.push(folder);
      put(join(folder, 'early'));
      put(join(folder, 'own'), 0o600, USER);
      put(join(folder, 'closed/k'), 0o644);
      chmodSync(join(folder, 'closed'), 0o750);
      chownSync(join(folder, 'closed'), 0, SUPPLEMENTARY);
      if (parent !== '/usr/share') put(join(folder, 'a/b/c/d/e'));
    }
    served = await serveCli([], { before });
  });
  afterAll(async () => {
    await served?.stop();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  function put(path: string, mode = 0o640, uid = 0, text = 'SECRET'): void {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    writeFileSync(path, text);
    chownSync(path, uid, SUPPLEMENTARY);
    chmodSync(path, mode);
  }

  async function read(): Promise<string> {
    const code = `import os
for folder in ${JSON.stringify(folders)}:
    for top, _, files in os.walk(folder):
        for name in files:
            try: text = open(os.path.join(top, name)).read()
            except OSError: text = ""
            if text: print(text, os.path.join(top, name))`;
    const { status, run_result, message } = await served.run({ language: 'python', code });
    expect([status, message]).toEqual(['Success', '']);
    return run_result?.stdout ?? '';
  }

  test('is hidden', async () => expect(await read()).toBe(''));

  test('is hidden where it was made after the start, and what is for everybody is shown', async () => {
    for (const folder of folders) put(join(folder, 'late'));
    for (const folder of folders.slice(0, 4)) put(join(folder, 'new/folder/k'));
    put(join(folders[1] ?? '', 'public'), 0o644, 0, 'public');
    expect(await read()).toBe(`public ${folders[1]}/public\n`);
    rmSync(join(folders[1] ?? '', 'public'));
  });

  test('is hidden where it was open to all, and changed', async () => {
    for (const folder of folders) put(join(folder, 'changed'), 0o644, 0, '');
    expect(await read()).toBe('');
    for (const folder of folders) put(join(folder, 'changed'));
    expect(await read()).toBe('');
  });

  test('stays hidden where another file takes its place', async () => {
    for (const folder of folders) {
      put(join(folder, 'early.new'));
      renameSync(join(folder, 'early.new'), join(folder, 'early'));
      put(join(folder, 'closed.new/k'), 0o644);
      chmodSync(join(folder, 'closed.new'), 0o750);
      chownSync(join(folder, 'closed.new'), 0, SUPPLEMENTARY);
      rmSync(join(folder, 'closed'), { recursive: true });
      renameSync(join(folder, 'closed.new'), join(folder, 'closed'));
    }
    expect(await read()).toBe('');
  });

  test('what is gone stops nothing', async () => {
    for (const folder of folders.slice(1)) rmSync(folder, { recursive: true });
    rmSync(join(folders[0] ?? '', 'early'));
    rmSync(join(folders[0] ?? '', 'closed'), { recursive: true });
    expect(await read()).toBe('');
    expect(await read()).toBe('');
  });
});
