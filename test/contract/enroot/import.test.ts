/** @module-tag contract */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildImage } from '../../cluster/image/build.js';
import { run } from '../../cluster/image/tools.js';
import { newOrdinaryUser, type OrdinaryUser } from '../../cluster/ordinary-user.js';
import { type Registry, startRegistry } from '../../cluster/registry.js';

const name = 'varad0309/code_sandbox:server';
/** As Docker calls this machine. */
const own = { x64: 'amd64' }[process.arch as string] ?? process.arch;
let registry: Registry;
let person: OrdinaryUser;

beforeAll(async () => {
  [registry, person] = await Promise.all([startRegistry({ faults: [] }), newOrdinaryUser()]);
  await registry.push(name, await buildImage({ tiny: true }));
});
afterAll(async () => {
  await registry.stop();
  await person.forget();
});

describe('a good import', () => {
  test('is told on stderr only, in the real words, and lies where enroot names it', async () => {
    const told = await person.run(['enroot', 'import', `docker://${registry.host}/${name}`]);
    expect(told).toMatchObject({ code: 0, stdout: '' });
    const lines = told.stderr.split('\n');
    expect(lines.slice(0, 8)).toEqual([
      '[INFO] Querying registry for permission grant',
      '[INFO] Permission granted',
      '[INFO] Fetching image manifest list',
      '[INFO] Fetching image manifest',
      '[INFO] Downloading 2 missing layers...',
      '[INFO] Extracting image layers...',
      '[INFO] Converting whiteouts...',
      '[INFO] Creating squashfs filesystem...',
    ]);
    expect(lines).toContainEqual(expect.stringMatching(/^Filesystem size .* Kbytes/));
    const file = join(person.home, 'varad0309+code_sandbox+server.sqsh');
    expect(await readdir(join(person.home, 'temp'))).toEqual([]);
    const listing = await run('unsquashfs', ['-ll', file]);
    expect(listing).toMatch(/docs\/drafts\/new\.txt/);
    expect(listing).not.toMatch(/\.wh\.|forgotten\.txt|drafts\/old\.txt/);
    expect(await run('unsquashfs', ['-cat', file, 'etc/rc'])).toMatch(
      new RegExp(`^# enroot-provenance: docker://${registry.host}#${name}\n(?:.*\n)*cd "/root/sandbox"`),
    );
  });

  test('asks for no layer that the cache holds, and keeps them by digest', async () => {
    const before = registry.requests().length;
    const told = await person.run([
      'enroot',
      'import',
      '-o',
      'again.sqsh',
      `docker://${registry.host}#${name}`,
    ]);
    expect(told.stderr).toContain('[INFO] Found all layers in cache\n');
    expect(
      registry
        .requests()
        .slice(before)
        .filter(({ path }) => path.includes('/blobs/')),
    ).toEqual([]);
    expect(await readdir(join(person.home, '.cache/enroot'))).toHaveLength(3);
  });

  test('digest prints the manifest’s digest, and a digest can be imported', async () => {
    const image = await buildImage({ tiny: true });
    await registry.push('small/one:v1', image);
    const told = await person.run(['enroot', 'digest', `docker://${registry.host}/small/one:v1`]);
    expect(told).toMatchObject({ code: 0, stdout: `${image.digest}\n` });
    // The first form alone is one that enroot 3 knows too.
    for (const [at, form] of [`#small/one:${image.digest}`, `#small/one@${image.digest}`].entries()) {
      const uri = `docker://${registry.host}${form}`;
      const imported = await person.run(['enroot', 'import', '-o', `by-digest-${at}.sqsh`, '--', uri]);
      expect(imported).toMatchObject({ code: 0 });
    }
  });

  test('chooses the architecture from a manifest list', async () => {
    const [one, other] = await Promise.all([
      buildImage({ tiny: true, marker: 'amd64' }),
      buildImage({ tiny: true, marker: 'arm64' }),
    ]);
    await registry.pushList('lists/two:latest', { amd64: one, arm64: other });
    const uri = `docker://${registry.host}/lists/two`;
    for (const [kernel, docker, image] of [
      ['x86_64', 'amd64', one],
      ['aarch64', 'arm64', other],
    ] as const) {
      const told = await person.run(['enroot', 'digest', '-a', kernel, uri]);
      expect(told.stdout).toBe(`${image.digest}\n`);
      const file = join(person.home, `${docker}.sqsh`);
      const imported = await person.run(['enroot', 'import', '-a', kernel, '-o', file, uri]);
      // Both images say of themselves that they are for this machine.
      const wrong = `[WARN] Image architecture doesn't match the requested one: ${own} != ${docker}\n`;
      expect(imported.stderr.includes(wrong)).toBe(docker !== own);
      expect(await run('unsquashfs', ['-cat', file, 'root/sandbox/VERSION'])).toBe(`${docker}\n`);
    }
  });

  test.each(['amd64', 'arm64', 'x64', 'riscv64'])('knows no architecture %s', async (arch) => {
    const uri = `docker://${registry.host}/${name}`;
    for (const argv of [
      ['digest', '-a', arch, uri],
      ['import', '-a', arch, '-o', 'none.sqsh', '--', uri],
    ]) {
      const told = await person.run(['enroot', ...argv]);
      expect(told).toEqual({
        code: 1,
        signal: null,
        stdout: '',
        stderr: `[ERROR] Unsupported architecture: ${arch}\n`,
      });
    }
  });

  test.each([
    ['run', /^run:$/m],
    ['none', undefined],
  ] as const)('images come with the server’s target named %s', async (target, line) => {
    await registry.push(`small/${target}:v1`, await buildImage({ tiny: true, target }));
    await person.run(['enroot', 'import', `docker://${registry.host}/small/${target}:v1`]);
    const makefile = run('unsquashfs', [
      '-cat',
      join(person.home, `small+${target}+v1.sqsh`),
      'root/sandbox/Makefile',
    ]);
    if (line) expect(await makefile).toMatch(line);
    else await expect(makefile).rejects.toThrow();
  });
});

describe('a refusal', () => {
  const cases: [what: string, argv: string[], code: number, stderr: RegExp][] = [
    ['output exists', ['-o', 'there', 'docker://x/y'], 1, /^\[ERROR\] File already exists: \/.*\/there\n$/],
    [
      'folder missing',
      ['-o', '/no/x.sqsh', 'docker://x/y'],
      1,
      /^\[ERROR\] No such file or directory: \/no\/x\.sqsh\n$/,
    ],
    ['no scheme', ['ubuntu'], 1, /^\[ERROR\] Invalid argument: ubuntu\n$/],
    ['upper case', ['docker://A/B'], 1, /^\[ERROR\] Invalid image reference: docker:\/\/A\/B\n$/],
    [
      'no such host',
      ['docker://registry.invalid#x/y'],
      6,
      /curl: \(6\) Could not resolve host: registry\.invalid\n$/,
    ],
    [
      'nobody listens',
      ['docker://127.0.0.1:9/x'],
      7,
      /curl: \(7\) Failed to connect to 127\.0\.0\.1 port 9 after \d+ ms: /,
    ],
    [
      'missing tag',
      ['docker://REGISTRY/varad0309/code_sandbox:no'],
      1,
      /\[ERROR\] URL http:\S+\/manifests\/no returned error code: 404 Not Found\n$/,
    ],
  ];
  test.each(cases)('%s', async (_what, argv, code, stderr) => {
    await writeFile(join(person.home, 'there'), '');
    const words = argv.map((word) => word.replace('REGISTRY', registry.host));
    const told = await person.run(['enroot', 'import', ...words]);
    expect(told.stderr).toMatch(stderr);
    expect(told).toMatchObject({ code, stdout: '' });
  });

  test('https to a registry that speaks http', async () => {
    const told = await person.run(['enroot', 'digest', `docker://${registry.host}/x`], {
      ENROOT_ALLOW_HTTP: undefined,
    });
    expect(told.stderr).toMatch(
      /curl: \(35\) OpenSSL\/\S+ error:0A00010B:SSL routines::wrong version number\n$/,
    );
    expect(told.code).toBe(35);
  });

  test('mksquashfs missing', async () => {
    const tools = join(person.home, 'tools');
    await mkdir(tools, { recursive: true });
    const bin = '/usr/bin';
    const kept =
      'awk bash cat curl cut dirname find getent grep gzip jq mkdir nproc parallel readlink tar uname zstd';
    for (const tool of kept.split(' ')) await run('ln', ['-sf', join(bin, tool), tools]);
    const enroot = (await person.run(['sh', '-c', 'command -v enroot'])).stdout.trim();
    const told = await person.run(['/bin/bash', enroot, 'import', 'docker://x/y'], { PATH: tools });
    expect(told).toMatchObject({ code: 1, stderr: '[ERROR] Command not found: mksquashfs\n' });
  });
});
