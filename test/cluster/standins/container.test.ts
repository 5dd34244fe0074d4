import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildImage } from '../image/build.js';
import { run } from '../image/tools.js';
import { startRegistry } from '../registry.js';
import { newPerson, type Person } from './person.js';

let person: Person;
const enroot = (...argv: string[]) =>
  person.run(['enroot', ...argv], { SECRET: 'of the caller', HOST: 'outside' });
const inside = async (script: string, ...options: string[]) =>
  (await enroot('start', ...options, 'box', 'bash', '-c', script)).stdout.trim();

beforeAll(async () => {
  person = await newPerson();
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
  expect(await inside('ls /mnt/here', '--mount', `${person.home}:/mnt/here`)).toContain('image.sqsh');
  expect(await enroot('start', '-m', `${person.home}/none:/mnt`, 'box', 'true')).toMatchObject({ code: 1 });
  expect(await inside('id -u; echo $HOME', '--root')).toBe('0\n/root');
});

test('an image starts without being unpacked only where /dev/fuse is open', async () => {
  const told = await enroot('start', 'image.sqsh', 'cat', 'VERSION');
  const open = await person.run(['sh', '-c', ': <>/dev/fuse']);
  if (open.code === 0) expect(told).toMatchObject({ code: 0, stdout: '1\n' });
  else
    expect(told.stderr).toMatch(
      /^\[WARN\] fuse: failed to open \/dev\/fuse: Permission denied\n\[ERROR\] Failed to mount: /,
    );
});

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
