/** @module-tag contract */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { buildImage } from '../../cluster/image/build.js';
import { newOrdinaryUser, type OrdinaryUser } from '../../cluster/ordinary-user.js';
import { type Registry, type RegistryOptions, startRegistry } from '../../cluster/registry.js';

const account = { user: 'ann', password: 'open-sesame' };
const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function setUp(options: RegistryOptions, password?: string): Promise<[OrdinaryUser, Registry]> {
  const [registry, person] = await Promise.all([startRegistry(options), newOrdinaryUser()]);
  open.push(registry.stop, person.forget);
  await registry.push('private/image:v1', await buildImage({ tiny: true }));
  if (password !== undefined) {
    const folder = join(person.home, '.config/enroot');
    await mkdir(folder, { recursive: true });
    await writeFile(
      join(folder, '.credentials'),
      `machine 127.0.0.1 login ${account.user} password ${password}\n`,
    );
  }
  return [person, registry];
}

const known =
  /\[INFO\] Authenticating with user: ann\n\[INFO\] Using credentials from file: \S+\/\.credentials\n\[INFO\] Authentication succeeded\n/;
const anonymous = /\[INFO\] Authenticating with user: <anonymous>\n\[INFO\] Authentication succeeded\n/;
const { password } = account;

test.each<[string, RegistryOptions['auth'], string | undefined, number, RegExp]>([
  ['basic, right', { kind: 'basic', ...account }, password, 0, known],
  [
    'basic, none',
    { kind: 'basic', ...account },
    undefined,
    1,
    /\[INFO\] Authenticating with user: <anonymous>\n$/,
  ],
  ['basic, wrong', { kind: 'basic', ...account }, 'no', 1, /\[INFO\] Using credentials from file: \S+\n$/],
  ['token, public', { kind: 'bearer', public: true, ...account }, undefined, 0, anonymous],
  ['token, right', { kind: 'bearer', ...account }, password, 0, known],
  [
    'token, none',
    { kind: 'bearer', ...account },
    undefined,
    1,
    /succeeded\n(?:.*\n)*\[ERROR\] URL \S+\/manifests\/v1 returned error code: 401 Unauthorized\n$/,
  ],
  [
    'token, wrong',
    { kind: 'bearer', ...account },
    'no',
    1,
    /\[ERROR\] URL \S+\/token returned error code: 401 Unauthorized\n$/,
  ],
])('%s', async (_what, auth, given, code, stderr) => {
  const [person, registry] = await setUp({ auth }, given);
  const told = await person.run(['enroot', 'import', `docker://${registry.host}/private/image:v1`]);
  expect(told.stderr).toMatch(stderr);
  expect(told.code).toBe(code);
  expect(told.stderr).not.toContain(password);
  const tokens = (await readdir(join(person.home, '.cache/enroot'))).filter((name) =>
    name.startsWith('.tokens.'),
  );
  for (const folder of tokens) expect(await readdir(join(person.home, '.cache/enroot', folder))).toEqual([]);
});
