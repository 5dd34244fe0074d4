import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildImage } from '../image/build.js';
import { run } from '../image/tools.js';
import { type Registry, startRegistry } from '../registry.js';
import { newPerson, type Person } from './person.js';

const name = 'varad0309/code_sandbox:server';
let registry: Registry;
let person: Person;

beforeAll(async () => {
  [registry, person] = await Promise.all([startRegistry({ faults: [] }), newPerson()]);
  await registry.push(name, await buildImage());
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
      '[INFO] Downloading 4 missing layers...',
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
    expect(await readdir(join(person.home, '.cache/enroot'))).toHaveLength(5);
  });

  test('digest prints the manifest’s digest, and a digest can be imported', async () => {
    const image = await buildImage({ tiny: true });
    await registry.push('small/one:v1', image);
    const told = await person.run(['enroot', 'digest', `docker://${registry.host}/small/one:v1`]);
    expect(told).toMatchObject({ code: 0, stdout: `${image.digest}\n` });
    const uri = `docker://${registry.host}/small/one@${image.digest}`;
    expect(await person.run(['enroot', 'import', '-o', 'by-digest.sqsh', uri])).toMatchObject({ code: 0 });
  });

  test('chooses the architecture from a manifest list', async () => {
    const [one, other] = await Promise.all([
      buildImage({ tiny: true, marker: 'amd64' }),
      buildImage({ tiny: true, marker: 'arm64' }),
    ]);
    await registry.pushList('lists/two:latest', { amd64: one, arm64: other });
    for (const [arch, image] of [
      ['x86_64', one],
      ['aarch64', other],
    ] as const) {
      const told = await person.run(['enroot', 'digest', '-a', arch, `docker://${registry.host}/lists/two`]);
      expect(told.stdout).toBe(`${image.digest}\n`);
    }
    const uri = `docker://${registry.host}/lists/two`;
    await person.run(['enroot', 'import', '-a', 'arm64', uri]);
    const file = join(person.home, 'lists+two+latest.sqsh');
    expect(await run('unsquashfs', ['-cat', file, 'root/sandbox/VERSION'])).toBe('arm64\n');
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

  test('is told in colour on a terminal', async () => {
    const command = `enroot digest docker://${registry.host}/${name}`;
    const told = await person.run(['script', '-qec', command, '/dev/null']);
    expect(told.stdout).toContain('\x1b[94m[INFO]\x1b[m Querying registry for permission grant\r\n');
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
      'Docker Hub, no name service',
      ['docker://varad0309/x'],
      6,
      /curl: \(6\) Could not resolve host: registry-1\.docker\.io\n$/,
    ],
    ['a name is no registry without dot or colon', ['docker://host/x'], 6, /host: registry-1\.docker\.io\n$/],
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

  test('no runtime folder', async () => {
    const blocked = join(person.home, 'there');
    const env = { ENROOT_RUNTIME_PATH: undefined, XDG_RUNTIME_DIR: `${blocked}/run` };
    expect(await person.run(['enroot', 'version'], env)).toMatchObject({ code: 1, stdout: '' });
    expect(await person.run(['enroot', 'version'])).toMatchObject({ code: 0, stdout: '4.1.2\n' });
  });

  test('mksquashfs missing', async () => {
    const tools = join(person.home, 'tools');
    await mkdir(tools, { recursive: true });
    const bin = '/usr/bin';
    const kept = [
      'awk',
      'bash',
      'cat',
      'curl',
      'cut',
      'find',
      'getent',
      'grep',
      'mkdir',
      'nproc',
      'readlink',
      'tar',
      'xargs',
      'zstd',
      'dirname',
      'uname',
    ];
    for (const tool of kept) await run('ln', ['-sf', join(bin, tool), tools]);
    const enroot = (await person.run(['sh', '-c', 'command -v enroot'])).stdout.trim();
    const told = await person.run(['/bin/bash', enroot, 'import', 'docker://x/y'], { PATH: tools });
    expect(told).toMatchObject({ code: 1, stderr: '[ERROR] Command not found: mksquashfs\n' });
  });
});
