import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached, ensurePackages, fingerprint, run } from '../image/tools.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const units = ['pyxis.c', 'pyxis-args.c', 'pyxis-container.c', 'pyxis-enroot.c', 'pyxis-task.c'];
const headers = ['pyxis.h'];

/**
 * Compiles the stand-in for pyxis once per source and returns the path of spank_pyxis.so.
 * Its line in plugstack.conf: `required /.../spank_pyxis.so [runtime_path=FOLDER]`.
 */
export async function buildPyxis(): Promise<string> {
  await ensurePackages(['gcc', 'libc6-dev', 'libslurm-dev']);
  const sources = await Promise.all(
    [...units, ...headers, 'pyxis.ts'].map((name) => readFile(join(here, name))),
  );
  const folder = await cached(`pyxis-${fingerprint(...sources)}`, async (draft) => {
    const flags = [
      '-shared',
      '-fPIC',
      '-O1',
      '-Wall',
      '-Wextra',
      '-Werror',
      '-Wno-format-truncation',
      '-fvisibility=hidden',
    ];
    const inputs = units.map((name) => join(here, name));
    await run('gcc', [...flags, '-o', join(draft, 'spank_pyxis.so'), ...inputs]);
  });
  return join(folder, 'spank_pyxis.so');
}
