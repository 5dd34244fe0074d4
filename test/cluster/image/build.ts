import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Layer, packLayer } from './layers.js';
import { type Image, writeImage } from './manifest.js';
import { packageFiles, pythonPackages, skeleton, systemPackages, versions } from './rootfs.js';
import { cached, fingerprint, run } from './tools.js';

export interface ImageOptions {
  /** The Makefile's target that starts the server; upstream dropped run-online in July 2026. Default run-online. */
  target?: 'run-online' | 'run' | 'none';
  /** Text of /root/sandbox/VERSION, so that two images under one tag differ. */
  marker?: string | undefined;
  /** More KEY=VALUE of the image's own environment, which wins over a job's. */
  env?: readonly string[];
  /** Without the two layers that hold a system: nothing runs inside, but it is imported in no time. */
  tiny?: boolean;
}

const here = fileURLToPath(new URL('.', import.meta.url));

/**
 * The test's stand-in for `varad0309/code_sandbox:server`: four layers, one of them with whiteouts,
 * in docker's v2 schema 2. Built once into the cache folder; about 10 s the first time.
 */
export async function buildImage(options: ImageOptions = {}): Promise<Image> {
  const { target = 'run-online', marker = '1', env = [], tiny = false } = options;
  const sources = await Promise.all(
    ['Makefile', 'server.py', 'uvicorn.py', 'build.ts', 'manifest.ts'].map((name) =>
      readFile(join(here, name)),
    ),
  );
  const bases = tiny ? [] : [await systemLayer(), await pythonLayer()];
  const digests = bases.map(({ layer }) => layer.digest);
  const key = fingerprint(...digests, target, marker, ...env, ...sources);
  const folder = await cached(`image-${key}`, async (draft) => {
    const app = await inScratch((scratch) => appLayer(draft, scratch, target, marker));
    const whiteouts = await inScratch((scratch) => whiteoutLayer(draft, scratch));
    for (const { folder, layer } of bases) await cp(join(folder, layer.digest), join(draft, layer.digest));
    await writeImage(draft, [...bases.map(({ layer }) => layer), app, whiteouts], env);
  });
  return {
    ...(JSON.parse(await readFile(join(folder, 'image.json'), 'utf8')) as Omit<Image, 'folder'>),
    folder,
  };
}

interface Base {
  folder: string;
  layer: Layer;
}

function systemLayer(): Promise<Base> {
  return baseLayer('system', systemPackages, async (draft) =>
    inScratch(async (scratch) => {
      await skeleton(scratch);
      const list = await listFile(scratch, await packageFiles(systemPackages));
      return packLayer(draft, [
        '-C',
        '/',
        '-T',
        list,
        '-C',
        scratch,
        '--recursion',
        '--exclude=./files',
        '.',
      ]);
    }),
  );
}

function pythonLayer(): Promise<Base> {
  return baseLayer('python', pythonPackages, async (draft) =>
    inScratch(async (scratch) => {
      const system = new Set(await packageFiles(systemPackages));
      const files = (await packageFiles(pythonPackages)).filter((path) => !system.has(path));
      return packLayer(draft, ['-C', '/', '-T', await listFile(scratch, files)]);
    }),
  );
}

async function baseLayer(
  name: string,
  packages: readonly string[],
  pack: (draft: string) => Promise<Layer>,
): Promise<Base> {
  const key = fingerprint(await versions(packages), await readFile(join(here, 'rootfs.ts')));
  const folder = await cached(`layer-${name}-${key}`, async (draft) => {
    await writeFile(join(draft, 'layer.json'), JSON.stringify(await pack(draft)));
  });
  return { folder, layer: JSON.parse(await readFile(join(folder, 'layer.json'), 'utf8')) as Layer };
}

async function appLayer(draft: string, scratch: string, target: string, marker: string): Promise<Layer> {
  const app = join(scratch, 'root/sandbox');
  await mkdir(join(app, 'sandbox/server'), { recursive: true });
  await mkdir(join(app, 'docs/drafts'), { recursive: true });
  await mkdir(join(scratch, 'usr/local/bin'), { recursive: true });
  await cp(join(here, 'uvicorn.py'), join(scratch, 'usr/local/bin/uvicorn'));
  await run('chmod', ['755', join(scratch, 'usr/local/bin/uvicorn')]);
  await cp(join(here, 'server.py'), join(app, 'sandbox/server/server.py'));
  await writeFile(join(app, 'VERSION'), `${marker}\n`);
  // Last in a squashfs: damage there spares all that a program needs to start.
  await mkdir(join(scratch, 'var/lib/corpora'), { recursive: true });
  await writeFile(join(scratch, 'var/lib/corpora/words.txt'), words());
  // Both are gone in the next layer, one by its own whiteout and one by its folder's.
  await writeFile(join(app, 'forgotten.txt'), 'hidden by a whiteout\n');
  await writeFile(join(app, 'docs/drafts/old.txt'), 'hidden by an opaque folder\n');
  if (target !== 'none') {
    const makefile = await readFile(join(here, 'Makefile'), 'utf8');
    await writeFile(join(app, 'Makefile'), makefile.replace(/^run-online:/m, `${target}:`));
  }
  return packFolder(draft, scratch);
}

/** 1.5 MB of text that hardly compresses, always the same. */
function words(): string {
  return Array.from({ length: 24_000 }, (_, i) =>
    createHash('sha512').update(String(i)).digest('base64').slice(0, 64),
  ).join('\n');
}

async function whiteoutLayer(draft: string, scratch: string): Promise<Layer> {
  const app = join(scratch, 'root/sandbox');
  await mkdir(join(app, 'docs/drafts'), { recursive: true });
  await writeFile(join(app, '.wh.forgotten.txt'), '');
  await writeFile(join(app, 'docs/drafts/.wh..wh..opq'), '');
  await writeFile(join(app, 'docs/drafts/new.txt'), 'kept\n');
  return packFolder(draft, scratch);
}

/** Times and order are fixed, so the same content has the same digest. */
function packFolder(draft: string, scratch: string): Promise<Layer> {
  return packLayer(draft, [
    '--recursion',
    '--sort=name',
    '--mtime=@1750000000',
    '--mode=go=u-w',
    '-C',
    scratch,
    '.',
  ]);
}

async function listFile(scratch: string, paths: readonly string[]): Promise<string> {
  await writeFile(join(scratch, 'files'), `${paths.join('\n')}\n`);
  return join(scratch, 'files');
}

async function inScratch<T>(use: (scratch: string) => Promise<T>): Promise<T> {
  const scratch = await mkdtemp(join(tmpdir(), 'sandboxctl-image-'));
  try {
    await run('chmod', ['755', scratch]);
    return await use(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
