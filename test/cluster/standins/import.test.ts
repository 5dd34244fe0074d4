import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
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

describe('an answer that is wrong', () => {
  const manifest = /GET .*\/manifests\//;
  const blob = /GET .*\/blobs\//;
  const first = /HEAD .*\/manifests\//;
  const cases: [
    what: string,
    fault: Parameters<Registry['fail']>[0][number],
    code: number,
    stderr: RegExp,
  ][] = [
    ['rate limit', { match: first, status: 429 }, 1, /\[ERROR\] URL \S+ returned error code: 429 \n$/],
    [
      'server error',
      { match: manifest, status: 500 },
      1,
      /returned error code: 500 Internal Server Error\n$/,
    ],
    [
      'a portal’s page',
      { match: manifest, status: 200, body: '<html>Log in</html>' },
      1,
      /\[ERROR\] Could not process JSON input\n$/,
    ],
    ['blob 404', { match: blob, status: 404 }, 1, /curl: \(22\) The requested URL returned error: 404\n$/],
    ['blob 429', { match: blob, status: 429 }, 1, /curl: \(22\) The requested URL returned error: 429\n$/],
    [
      'blob cut short',
      { match: blob, damage: 'truncate' },
      1,
      /curl: \(18\) transfer closed with \d+ bytes remaining to read\n/,
    ],
    [
      'blob changed',
      { match: blob, damage: 'corrupt' },
      1,
      /\n(pigz: .*|Checksum mismatch: [0-9a-f]{64}\n$)/,
    ],
  ];
  test.each(cases)('%s', async (_what, fault, code, stderr) => {
    registry.fail([fault]);
    const told = await person.run(
      ['enroot', 'import', '-o', 'bad.sqsh', `docker://${registry.host}/${name}`],
      {
        ENROOT_CACHE_PATH: join(person.home, 'cold'),
      },
    );
    registry.fail([]);
    expect(told.stderr).toMatch(stderr);
    expect(told.code).toBe(code);
    await expect(stat(join(person.home, 'bad.sqsh'))).rejects.toThrow('ENOENT');
    expect(await readdir(join(person.home, 'temp'))).toEqual([]);
  });

  test('a stalled blob hangs for ever, but for ENROOT_TRANSFER_TIMEOUT', async () => {
    registry.fail([{ match: blob, damage: 'stall' }]);
    const argv = ['enroot', 'import', '-o', 'slow.sqsh', `docker://${registry.host}/${name}`];
    const cold = { ENROOT_CACHE_PATH: join(person.home, 'stalled') };
    const bounded = await person.run(argv, { ...cold, ENROOT_TRANSFER_TIMEOUT: '1' });
    expect(bounded).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('curl: (28) Operation timed out'),
    });
    const unbounded = person.start(argv, cold);
    const later = new Promise((resolve) => setTimeout(resolve, 2000, 'still there'));
    expect(await Promise.race([unbounded.ended, later])).toBe('still there');
    unbounded.kill('SIGINT', 'group');
    expect(await unbounded.ended).toMatchObject({ signal: 'SIGINT' });
    registry.fail([]);
  });

  test('a layer lost on the way leaves the others in the cache', async () => {
    const image = await buildImage();
    registry.fail([{ match: new RegExp(`GET .*/blobs/${image.layers[1]}`), status: 404 }]);
    const cold = { ENROOT_CACHE_PATH: join(person.home, 'partly') };
    await person.run(['enroot', 'import', '-o', 'part.sqsh', `docker://${registry.host}/${name}`], cold);
    registry.fail([]);
    const kept = await readdir(cold.ENROOT_CACHE_PATH);
    expect(kept.sort()).toEqual(
      [image.config, ...image.layers]
        .filter((one) => one !== image.layers[1])
        .map((one) => one.slice(7))
        .sort(),
    );
  });
});

test.each([
  ['output', 'FATAL ERROR: ', { ENROOT_TEMP_PATH: 'HOME/temp' }],
  ['temporary folder', 'No space left on device', { ENROOT_TEMP_PATH: 'HOME/small' }],
  ['cache', 'No space left on device', { ENROOT_CACHE_PATH: 'HOME/small/cache' }],
])('no space in the %s', async (where, words, env) => {
  await mkdir(join(person.home, 'small'), { recursive: true });
  const output = where === 'output' ? 'small/x.sqsh' : 'x.sqsh';
  const script = `mount -t tmpfs -o size=8m,mode=777 none small && exec enroot import -o ${output} docker://${registry.host}/${name}`;
  const placed = Object.fromEntries(
    Object.entries(env).map(([key, value]) => [key, value.replace('HOME', person.home)]),
  );
  const told = await person.run(['unshare', '-rm', 'sh', '-c', script], placed);
  expect(told.stderr).toContain(words);
  expect(told.code).toBe(1);
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
      await expect.poll(() => readdir(join(person.home, 'temp')), { timeout: 5000 }).toEqual([]);
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

test('two imports to one file: the loser learns it late, the winner’s file is good', async () => {
  const file = join(person.home, 'both.sqsh');
  const argv = ['enroot', 'import', '-o', file, `docker://${registry.host}/${name}`];
  const slow = { ENROOT_SQUASH_OPTIONS: '-comp lzo -noD' };
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
