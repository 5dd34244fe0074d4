import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached, ensurePackages, fingerprint, run } from '../image/tools.js';

const here = fileURLToPath(new URL('.', import.meta.url));

/** What the enroot stand-in calls, beside what every Debian has. */
const packages = [
  'curl',
  'gcc',
  'jq',
  'libc6-dev',
  'parallel',
  'pigz',
  'python3-minimal',
  'squashfs-tools',
  'zstd',
];

/** The folder that holds the stand-in's `enroot`, laid out in the cache folder. */
export async function installEnroot(): Promise<string> {
  await ensurePackages(packages);
  const scripts = (await readdir(join(here, 'enroot'))).sort();
  const sources = [
    ...scripts.map((name) => join('enroot', name)),
    'container.c',
    'container.h',
    'enter.c',
    'index.ts',
  ];
  const key = fingerprint(...(await Promise.all(sources.map((name) => readFile(join(here, name))))));
  const folder = await cached(`enroot-${key}`, async (draft) => {
    const [bin, lib] = [join(draft, 'bin'), join(draft, 'lib')];
    await mkdir(bin);
    await mkdir(lib);
    for (const name of scripts)
      await cp(join(here, 'enroot', name), join(name === 'enroot' ? bin : lib, name));
    await run('chmod', ['755', join(bin, 'enroot')]);
    const c = [join(here, 'enter.c'), join(here, 'container.c')];
    await run('gcc', ['-O1', '-Wall', '-Wextra', '-Werror', '-o', join(lib, 'enter'), ...c]);
  });
  return join(folder, 'bin');
}
