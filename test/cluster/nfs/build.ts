import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached, fingerprint, run } from '../image/tools.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const units = ['view.c', 'names.c', 'files.c'];

/** The command that lays a view which remembers for so many seconds over a cluster's shared folder. */
export async function sharedView(folder: string, seconds: number | undefined): Promise<string[]> {
  return seconds === undefined ? [] : [await buildView(), join(folder, 'shared'), `${seconds}`];
}

async function buildView(): Promise<string> {
  const sources = await Promise.all(
    [...units, 'view.h', 'build.ts'].map((name) => readFile(join(here, name))),
  );
  const folder = await cached(`nfs-view-${fingerprint(...sources)}`, async (draft) => {
    const flags = ['-O1', '-Wall', '-Wextra', '-Werror', '-D_FILE_OFFSET_BITS=64', '-I/usr/include/fuse3'];
    const inputs = units.map((name) => join(here, name));
    await run('gcc', [...flags, '-o', join(draft, 'nfs-view'), ...inputs, '-lfuse3', '-lpthread']);
  });
  return join(folder, 'nfs-view');
}
