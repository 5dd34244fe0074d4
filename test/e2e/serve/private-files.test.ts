import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asUser, COLD, newUser, WITHOUT_BWRAP } from './as-root.js';
import { type OwnView, ownView } from './own-view.js';
import { type ServedCli, serveCli } from './server.js';

const USER = newUser();
const SUPPLEMENTARY = newUser();
const as = [...asUser(USER).filter((word) => word !== '--clear-groups'), `--groups=${SUPPLEMENTARY}`];
const PARENTS = ['/etc', '/opt', '/usr/local/etc', '/usr/local/share', '/usr/share'];

describe.each([
  ['warm runs', as],
  ['bubblewrap', [...COLD, ...as]],
  ['unshare', [...WITHOUT_BWRAP, ...as]],
])('what a group alone may read, by %s', (_, before) => {
  /** As this process finds them. */
  const folders: string[] = [];
  const inside = () => folders.map((folder) => folder.slice(view.path('').length));
  let view: OwnView;
  let served: ServedCli;

  beforeAll(async () => {
    view = await ownView(PARENTS);
    for (const parent of PARENTS) {
      const folder = mkdtempSync(view.path(join(parent, 'groups-')));
      chmodSync(folder, 0o755);
      folders.push(folder);
      put(join(folder, 'early'));
      put(join(folder, 'own'), 0o600, USER);
      put(join(folder, 'closed/k'), 0o644);
      chmodSync(join(folder, 'closed'), 0o750);
      chownSync(join(folder, 'closed'), 0, SUPPLEMENTARY);
      put(join(folder, 'unlisted/k'));
      chmodSync(join(folder, 'unlisted'), 0o711);
      if (parent !== '/usr/share') put(join(folder, 'a/b/c/d/e'));
    }
    served = await serveCli([], { before: [...view.words, ...before] });
  });
  afterAll(async () => {
    await served?.stop();
    await view?.close();
  });

  function put(path: string, mode = 0o640, uid = 0, text = 'SECRET'): void {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    writeFileSync(path, text);
    chownSync(path, uid, SUPPLEMENTARY);
    chmodSync(path, mode);
  }

  async function read(): Promise<string> {
    const code = `import os
for folder in ${JSON.stringify(inside())}:
    for top, _, files in os.walk(folder):
        for name in [*files, "unlisted/k"]:
            try: text = open(os.path.join(top, name)).read()
            except OSError: text = ""
            if text: print(text, os.path.join(top, name))`;
    const { status, run_result, message } = await served.run({ language: 'python', code });
    expect([status, message]).toEqual(['Success', '']);
    return run_result?.stdout ?? '';
  }

  test('is hidden', async () => expect(await read()).toBe(''));

  test('is hidden if it was made after the start, while public files are shown', async () => {
    for (const folder of folders) put(join(folder, 'late'));
    for (const folder of folders.slice(0, 4)) put(join(folder, 'new/folder/k'));
    put(join(folders[1] ?? '', 'public'), 0o644, 0, 'public');
    expect(await read()).toBe(`public ${inside()[1]}/public\n`);
    rmSync(join(folders[1] ?? '', 'public'));
  });

  test('is hidden once it is no longer readable by everybody', async () => {
    for (const folder of folders) put(join(folder, 'changed'), 0o644, 0, '');
    expect(await read()).toBe('');
    for (const folder of folders) put(join(folder, 'changed'));
    expect(await read()).toBe('');
  });

  test('stays hidden when another file replaces it', async () => {
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

  test('a removed file stops no run', async () => {
    for (const folder of folders.slice(1)) rmSync(folder, { recursive: true });
    rmSync(join(folders[0] ?? '', 'early'));
    rmSync(join(folders[0] ?? '', 'closed'), { recursive: true });
    expect(await read()).toBe('');
    expect(await read()).toBe('');
  });
});

describe.each([
  ['warm runs, started by a user', as],
  ['bubblewrap, started by a user', [...COLD, ...as]],
  ['unshare, started by a user', [...WITHOUT_BWRAP, ...as]],
  ['warm runs, started by root', []],
  ['bubblewrap, started by root', COLD],
  ['unshare, started by root', WITHOUT_BWRAP],
])('sockets and pipes of services in the folders that are shown, by %s', (_, before) => {
  test('cannot be used, nor can one made after the start', async () => {
    const parents = ['/opt', '/usr/local/etc', '/usr/share', '/etc'];
    const view = await ownView(parents);
    const folders = parents.map((parent) => {
      const folder = mkdtempSync(view.path(join(parent, 'services-')));
      chmodSync(folder, 0o755);
      return folder;
    });
    const inside = folders.map((folder) => folder.slice(view.path('').length));
    const services: Server[] = [];
    const offer = async (name: string) => {
      for (const folder of folders) {
        const service = createServer((socket) => socket.destroy());
        services.push(service.listen(join(folder, `${name}.socket`)));
        await once(service, 'listening');
        chmodSync(join(folder, `${name}.socket`), 0o777);
        execFileSync('mkfifo', ['-m', '666', join(folder, `${name}.pipe`)]);
      }
    };
    const code = `import os, socket, stat
for folder in ${JSON.stringify(inside)}:
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        try:
            if "socket" in name: socket.socket(socket.AF_UNIX).connect(path)
            elif not stat.S_ISFIFO(os.stat(path).st_mode): continue
        except OSError: continue
        print("REACHED", path)`;
    const served = await offer('early').then(() => serveCli([], { before: [...view.words, ...before] }));
    try {
      const reached = async () => (await served.run({ language: 'python', code })).run_result;
      expect(await reached()).toMatchObject({ return_code: 0, stdout: '' });
      await offer('late');
      expect(await reached()).toMatchObject({ return_code: 0, stdout: '' });
    } finally {
      await served.stop();
      for (const service of services) service.close();
      await view.close();
    }
  });
});
