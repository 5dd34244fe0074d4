/** @module-tag contract */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildImage } from '../../cluster/image/build.js';
import { run } from '../../cluster/image/tools.js';
import { newOrdinaryUser, type OrdinaryUser } from '../../cluster/ordinary-user.js';
import { type Registry, startRegistry } from '../../cluster/registry.js';
import { idsOf, processesOf } from '../../image/fixture.js';

const name = 'varad0309/code_sandbox:server';
let registry: Registry;
let person: OrdinaryUser;

beforeAll(async () => {
  [registry, person] = await Promise.all([startRegistry({ faults: [] }), newOrdinaryUser()]);
  await registry.push(name, await buildImage());
});
afterAll(async () => {
  await registry.stop();
  await person.forget();
});

describe('a signal', () => {
  const argv = (file: string) => ['enroot', 'import', '-o', file, `docker://${registry.host}/${name}`];
  const slow = { ENROOT_SQUASH_OPTIONS: '-comp lzo -noD' };
  const appears = (file: string) =>
    expect
      .poll(() =>
        stat(file).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
  const squashing = '[INFO] Creating squashfs filesystem...';

  test('SIGINT to the group while squashing: rc 1, nothing left', async () => {
    const started = person.start(argv('int.sqsh'), slow);
    await started.says(squashing);
    await appears(join(person.home, 'int.sqsh'));
    started.kill('SIGINT', 'group');
    expect(await started.ended).toMatchObject({ code: 1 });
    await expect(stat(join(person.home, 'int.sqsh'))).rejects.toThrow('ENOENT');
    expect(await readdir(join(person.home, 'temp'))).toEqual([]);
  });

  test('SIGINT to the process alone is ignored', async () => {
    const started = person.start(argv('ignored.sqsh'));
    await started.says('Extracting image layers');
    started.kill('SIGINT', 'alone');
    expect(await started.ended).toMatchObject({ code: 0, signal: null });
    await run('unsquashfs', ['-s', join(person.home, 'ignored.sqsh')]);
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    '%s to the process alone: orphans finish the file',
    async (signal) => {
      const file = join(person.home, `${signal}.sqsh`);
      const started = person.start(argv(file));
      await started.says('Extracting image layers');
      started.kill(signal, 'alone');
      expect(await started.ended).toMatchObject({ signal });
      await expect(stat(file)).rejects.toThrow('ENOENT');
      await expect
        .poll(
          () =>
            run('unsquashfs', ['-s', file]).then(
              () => 'whole',
              () => '',
            ),
          { timeout: 20_000 },
        )
        .toBe('whole');
      await expect.poll(() => readdir(join(person.home, 'temp'))).toEqual([]);
    },
  );

  test('SIGKILL to the group while squashing: a broken file at the final path, and the temporary folder', async () => {
    const file = join(person.home, 'killed.sqsh');
    const started = person.start(argv(file), slow);
    await started.says(squashing);
    await appears(file);
    started.kill('SIGKILL', 'group');
    await started.ended;
    await expect(run('unsquashfs', ['-s', file])).rejects.toThrow("Can't find a valid SQUASHFS superblock");
    expect(await readdir(join(person.home, 'temp'))).toEqual([expect.stringMatching(/^enroot\.\w{10}$/)]);
    expect((await person.run(argv(file))).stderr).toBe(`[ERROR] File already exists: ${file}\n`);
  });
});

test('SIGKILL to the group while downloading: transfers go on, each in a group of its own', async () => {
  const image = await buildImage({ tiny: true });
  await registry.push('small/one:v1', image);
  registry.fail([{ match: new RegExp(`GET .*/blobs/${image.layers[0]}`), damage: 'stall' }]);
  const cold = { ENROOT_CACHE_PATH: join(person.home, 'cold'), ENROOT_TRANSFER_TIMEOUT: '15' };
  const argv = ['enroot', 'import', '-o', 'transfers.sqsh', `docker://${registry.host}/small/one:v1`];
  const started = person.start(argv, cold);
  const url = `http://${registry.host}/v2/small/one/blobs/${image.layers[0]}`;
  await expect
    .poll(() => processesOf(url), { timeout: 20_000 })
    .toContainEqual(expect.stringMatching(/^curl /));
  started.kill('SIGKILL', 'group');
  await started.ended;
  expect(await processesOf(url)).toContainEqual(expect.stringMatching(/^curl /));
  registry.fail([]);
  await expect.poll(() => processesOf(url), { timeout: 30_000 }).toEqual([]);
});

test('mksquashfs runs without the caller’s environment, and names the file in its arguments', async () => {
  const file = join(person.home, 'seen.sqsh');
  const started = person.start(['enroot', 'import', '-o', file, `docker://${registry.host}/${name}`], {
    ENROOT_SQUASH_OPTIONS: '-comp lzo -noD',
    MARK: 'of the caller',
  });
  // Only what stands in the arguments tells whose it is.
  const seen = async () => {
    for (const pid of await idsOf(file)) {
      const [name, environment] = await Promise.all(
        ['comm', 'environ'].map((each) => readFile(`/proc/${pid}/${each}`, 'utf8').catch(() => '')),
      );
      if (name === 'mksquashfs\n') return environment;
    }
    return undefined;
  };
  await expect.poll(seen, { timeout: 20_000 }).toMatch(/^PATH=[^\0]*\0$/);
  started.kill('SIGINT', 'group');
  await started.ended;
});

test('two imports to one file: the loser learns it late, the winner’s file is good', async () => {
  const file = join(person.home, 'both.sqsh');
  const argv = ['enroot', 'import', '-o', file, `docker://${registry.host}/${name}`];
  const slow = { ENROOT_SQUASH_OPTIONS: '-comp gzip -Xcompression-level 5' };
  const first = person.start(argv, slow);
  const second = person.start(argv, slow);
  const told = await Promise.all([first.ended, second.ended]);
  expect(told.map(({ code }) => code).sort()).toEqual([0, 1]);
  const loser = told.find(({ code }) => code === 1);
  expect(loser?.stderr).toContain('Failed to read existing filesystem - will not overwrite - ABORTING!');
  expect(loser?.stderr).toContain('To force Mksquashfs to write to this file use -noappend');
  expect(await readFile(file)).toBeInstanceOf(Buffer);
  await run('unsquashfs', ['-s', file]);
});
