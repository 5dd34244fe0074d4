/** @module-tag contract */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildImage } from '../../cluster/image/build.js';
import { run } from '../../cluster/image/tools.js';
import { newOrdinaryUser, type OrdinaryUser } from '../../cluster/ordinary-user.js';
import { startRegistry } from '../../cluster/registry.js';

let person: OrdinaryUser;
const enroot = (...argv: string[]) =>
  person.run(['enroot', ...argv], { SECRET: 'of the caller', HOST: 'outside' });
const inside = async (script: string, ...options: string[]) =>
  (await enroot('start', ...options, 'box', 'bash', '-c', script)).stdout.trim();

beforeAll(async () => {
  person = await newOrdinaryUser();
  const registry = await startRegistry();
  await registry.push('varad0309/code_sandbox:server', await buildImage());
  const uri = `docker://${registry.host}/varad0309/code_sandbox:server`;
  expect(await enroot('import', '-o', 'image.sqsh', uri)).toMatchObject({ code: 0 });
  await registry.stop();
});
afterAll(() => person.forget());

test('create unpacks under the name, says so, and refuses to do it twice', async () => {
  const told = await enroot('create', '-n', 'box', 'image.sqsh');
  expect(told).toMatchObject({ code: 0, stdout: '' });
  expect(told.stderr).toMatch(/^\[INFO\] Extracting squashfs filesystem\.\.\.\nParallel unsquashfs: /);
  expect((await enroot('list')).stdout).toBe('box\n');
  const folder = join(person.home, '.local/share/enroot/box');
  const again = await enroot('create', '-n', 'box', 'image.sqsh');
  expect(again).toMatchObject({ code: 1, stderr: `[ERROR] File already exists: ${folder}\n` });
});

test.each([
  ['missing', 'none.sqsh', /^\[ERROR\] No such file or directory: \/.*\/none\.sqsh\n$/],
  ['empty', 'empty.sqsh', /^\[ERROR\] Invalid image format: \/.*\/empty\.sqsh\n$/],
  ['truncated', 'cut.sqsh', /FATAL ERROR: File system corruption detected\n$/],
])('create of a file that is %s', async (_what, file, stderr) => {
  await writeFile(join(person.home, 'empty.sqsh'), '');
  await run('sh', ['-c', 'head -c 3000000 image.sqsh >cut.sqsh'], { cwd: person.home });
  const told = await enroot('create', '-n', 'bad', file);
  expect(told.stderr).toMatch(stderr);
  expect(told.code).toBe(1);
  expect((await enroot('list')).stdout).not.toContain('bad');
});

test('flipped bytes leave half a container behind', async () => {
  const image = await readFile(join(person.home, 'image.sqsh'));
  // The superblock's word 8 is where the files' contents end.
  const end = Number(image.readBigUInt64LE(64));
  await writeFile(join(person.home, 'bad.sqsh'), image.fill('x', end - 700_000, end - 500_000));
  const told = await enroot('create', '-n', 'half', 'bad.sqsh');
  expect(told).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/ uncompress failed with error code /),
  });
  expect((await enroot('list')).stdout).toContain('half');
  expect(await enroot('start', 'half', 'true')).toMatchObject({ code: 0 });
});

test('start is in the image’s folder, as oneself', async () => {
  expect(await inside('pwd; id -u; cat VERSION')).toBe(
    `/root/sandbox\n${process.getuid?.() === 0 ? 58300 : process.getuid?.()}\n1`,
  );
});

test('the caller’s environment stays outside, but for --env', async () => {
  expect(await inside('echo "$SECRET|$OMP_NUM_THREADS|$HOST"')).toBe('|2|');
  expect(await inside('echo "$SECRET|$NEW"', '--env', 'SECRET', '-e', 'NEW=a "b" $c')).toBe(
    'of the caller|a "b" $c',
  );
});

test('the root is read-only and /tmp is new', async () => {
  const told = await enroot('start', 'box', 'touch', '/root/sandbox/w');
  expect(told.stderr).toBe("touch: cannot touch '/root/sandbox/w': Read-only file system\n");
  expect(told.code).toBe(1);
  expect(await inside('ls -A /tmp | wc -l; touch /tmp/mine && stat -f -c %T /tmp')).toBe('0\ntmpfs');
  expect(await inside('touch /root/kept && echo ok', '--rw')).toBe('ok');
  expect(await inside('ls /root')).toBe('kept\nsandbox');
});

test('the home is an empty folder, host folders come by --mount', async () => {
  expect(await inside('ls -A "$HOME" | wc -l')).toBe('0');
  // As the batch script says it, and in short.
  for (const rest of [':none:x-create=auto,rbind', '']) {
    expect(await inside('ls /mnt/here', '--mount', `${person.home}:/mnt/here${rest}`)).toContain(
      'image.sqsh',
    );
  }
  expect(await enroot('start', '-m', `${person.home}/none:/mnt`, 'box', 'true')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^enroot-mount: failed to mount: \S+\/none at \/\S+: No such file or directory\n$/,
    ),
  });
  const blank = await enroot('start', '-m', `${person.home}/a b:/mnt`, 'box', 'true');
  expect(blank).toMatchObject({ code: 1, stderr: `[ERROR] Invalid argument: ${person.home}/a b:/mnt\n` });
  expect(await inside('id -u; echo $HOME', '--root')).toBe('0\n/root');
});

test('an image starts without being unpacked, or says why not before the program runs', async () => {
  const told = await enroot('start', 'image.sqsh', 'cat', 'VERSION');
  // What it takes: squashfuse, and a /dev/fuse that users may open.
  if (told.code === 0) expect(told.stdout).toBe('1\n');
  else expect(told).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(REFUSED) });
});
const REFUSED =
  /^\[ERROR\] Command not found: squashfuse\n$|^\[WARN\] fuse: failed to open \/dev\/fuse: .*\n\[ERROR\] Failed to mount: \/.*\/image\.sqsh\n$/;

test('a login shell stands before the program: the image’s /etc/profile has the last word on PATH', async () => {
  expect(await inside('echo $PATH', '--env', 'PATH=/opt/mine:/usr/bin:/bin')).toBe(
    '/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games',
  );
});

test('--env loses quotes around a value, and a value of several lines all but the first', async () => {
  expect(await inside('echo $ONE $TWO', '--env', 'ONE="quoted"', '--env', "TWO='quoted'")).toBe(
    'quoted quoted',
  );
  const told = await person.run(['enroot', 'start', '--env', 'TEXT', 'box', 'bash', '-c', 'echo "$TEXT"'], {
    TEXT: 'one\ntwo three\nfour',
  });
  expect(told.stdout).toBe('one\n');
});

test.each(['ENROOT_MOUNT_HOME', 'ENROOT_ROOTFS_WRITABLE', 'ENROOT_REMAP_ROOT'])(
  '%s=no is off',
  async (name) => {
    const see = [
      'enroot',
      'start',
      'box',
      'bash',
      '-c',
      'ls ~ | wc -l; id -u; touch /w 2>/dev/null && echo w',
    ];
    const off = await person.run(see, { [name]: 'no' });
    expect(off.stdout).toBe((await person.run(see)).stdout);
    const on = await person.run(see, { [name]: 'yes' });
    expect(on.stdout).not.toBe(off.stdout);
  },
);

test('the exit code is the program’s', async () => {
  expect(await enroot('start', 'box', 'bash', '-c', 'exit 7')).toMatchObject({ code: 7 });
});

test('remove', async () => {
  expect(await enroot('remove', '-f', 'box')).toMatchObject({ code: 0 });
  expect(await enroot('remove', '-f', 'box')).toMatchObject({
    code: 1,
    stderr: `[ERROR] No such file or directory: ${join(person.home, '.local/share/enroot/box')}\n`,
  });
});
