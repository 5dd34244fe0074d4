/** @module-tag matrix */
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually, processesOf } from '../../image/fixture.js';
import { call, type Place, type Site, start, startSite } from './imports.js';

const USER = 'alice';
const PASSWORD = 'p:a$s-Secret-9431';
const sites: Record<'basic' | 'bearer', Site | undefined> = { basic: undefined, bearer: undefined };
const HOST = '127.0.0.1';

beforeAll(async () => {
  for (const kind of ['basic', 'bearer'] as const) {
    sites[kind] = await startSite({ faults: [], auth: { kind, user: USER, password: PASSWORD } });
  }
});
afterAll(async () => {
  await Promise.all(Object.values(sites).map((site) => site?.down()));
});
afterEach(() => Object.values(sites).map((site) => site?.registry.fail([])));

let count = 0;
async function placeAt(kind: 'basic' | 'bearer'): Promise<{ site: Site; place: Place; home: string }> {
  const site = sites[kind];
  if (site === undefined) throw new Error('the registry did not start');
  count += 1;
  const place = await site.place(`login-${count}`);
  return { site, place, home: join(place.asked.place, 'home') };
}

async function enrootLogin(home: string, password: string): Promise<void> {
  await mkdir(join(home, '.config/enroot'), { recursive: true });
  await writeFile(
    join(home, '.config/enroot/.credentials'),
    `machine ${HOST} login ${USER} password ${password}\n`,
  );
}

async function dockerConfig(home: string, config: object): Promise<void> {
  await mkdir(join(home, '.docker'), { recursive: true });
  await writeFile(join(home, '.docker/config.json'), JSON.stringify(config));
}

const auth = (password: string) => ({ auth: Buffer.from(`${USER}:${password}`).toString('base64') });

describe.each(['basic', 'bearer'] as const)('a private image behind %s', (kind) => {
  it("comes with enroot's own credentials", async () => {
    const { place, home } = await placeAt(kind);
    await enrootLogin(home, PASSWORD);
    expect(await call(place.asked)).toMatchObject({ error: undefined, stdout: `${place.image}\n` });
  });

  it("comes with Docker's config.json, and leaves no copy of it", async () => {
    const { site, place, home } = await placeAt(kind);
    await dockerConfig(home, { auths: { [site.registry.host]: auth(PASSWORD) } });
    expect(await call(place.asked)).toMatchObject({ error: undefined, stdout: `${place.image}\n` });
    expect(await readdir(place.images)).toHaveLength(2);
    expect(await readFile(`${place.image}.json`, 'utf8')).not.toContain(PASSWORD);
    // The last one GNU parallel makes, which enroot runs.
    expect(await readdir(home)).toEqual(['.cache', '.docker', '.local', '.parallel']);
  });

  it("comes with Docker's credential helper", async () => {
    const { site, place, home } = await placeAt(kind);
    await dockerConfig(home, { credHelpers: { [site.registry.host]: 'test' } });
    const bin = join(home, 'bin');
    await mkdir(bin);
    const helper = join(bin, 'docker-credential-test');
    const answer = JSON.stringify({ ServerURL: '', Username: USER, Secret: PASSWORD });
    await writeFile(
      helper,
      `#!/bin/sh\n[ "$1" = get ] && [ "$(cat)" = ${site.registry.host} ] && cat <<'END'\n${answer}\nEND\n`,
    );
    await chmod(helper, 0o755);
    const env = { ...place.asked.env, PATH: `${bin}:${place.asked.env.PATH}` };
    expect(await call({ ...place.asked, env })).toMatchObject({ error: undefined });
  });

  it('import-image names the login that was refused, or says that none was sent', async () => {
    const { place, home } = await placeAt(kind);
    const { error } = await call(place.asked);
    expect(error).toMatchObject({ kind: 'refused', hint: expect.stringContaining(`machine ${HOST} login`) });
    await enrootLogin(home, 'wrong');
    const wrong = await call(place.asked);
    expect(wrong.error).toMatchObject({ kind: 'refused' });
    if (kind === 'basic') expect(wrong.error?.message).toContain(`the credentials of ${USER}`);
    expect(JSON.stringify([wrong, error])).not.toContain('wrong');
  });

  it('import-image keeps the password out of command lines, output and open files', async () => {
    const { site, place, home } = await placeAt(kind);
    await dockerConfig(home, { auths: { [site.registry.host]: auth(PASSWORD) } });
    site.registry.fail([{ match: /blobs/, damage: 'stall' }]);
    const running = start({ ...place.asked, verbose: true });
    await running.line(/Fetching image manifest$/);
    const [work = ''] = (await readdir(place.images)).filter((name) => name.endsWith('.work'));
    expect((await stat(join(place.images, work))).mode & 0o777).toBe(0o700);
    const file = join(place.images, work, '.credentials');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toContain(PASSWORD);
    expect(await processesOf(PASSWORD)).toEqual([]);
    process.kill(running.pid, 'SIGINT');
    const { stdout, stderr } = await running.ended;
    expect(stdout + stderr).not.toContain(PASSWORD);
    await eventually(async () => (await readdir(place.images)).length === 0);
  });
});

it('import-image warns of credentials that enroot cannot use', async () => {
  const { site, place, home } = await placeAt('bearer');
  await dockerConfig(home, { auths: { [site.registry.host]: { ...auth(''), identitytoken: 'token' } } });
  const { stderr, error } = await call(place.asked);
  expect(stderr).toContain('an identity token, which enroot cannot use');
  expect(error).toBeDefined();
});

it('import-image queries a registry directly with the same credentials', async () => {
  const { askRegistry } = await import('../../../src/registry/client.js');
  for (const kind of ['basic', 'bearer'] as const) {
    const { site } = await placeAt(kind);
    const source = {
      scheme: 'http',
      host: site.registry.host,
      repository: 'varad0309/code_sandbox',
      version: 'server',
    } as const;
    const options = { env: {}, architecture: 'amd64' };
    const answer = await askRegistry(source, { ...options, login: { user: USER, password: PASSWORD } });
    expect(answer).toMatchObject({ digest: site.digest, layers: expect.objectContaining({ length: 3 }) });
    await expect(askRegistry(source, { ...options, login: null })).rejects.toMatchObject({ kind: 'refused' });
  }
});
