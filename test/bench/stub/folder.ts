import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { cached, fingerprint, run } from '../../cluster/image/tools.js';

/** The stub's srun and server in a folder that nodes see: first on the login side's PATH, it is what jobs call. */
export async function stubFolder(): Promise<string> {
  const sources = ['srun', 'server.py'].map((name) => fileURLToPath(new URL(name, import.meta.url)));
  const key = fingerprint(...(await Promise.all(sources.map((path) => readFile(path)))));
  return cached(`bench-stub-${key}`, async (draft) => {
    await run('cp', [...sources, draft]);
  });
}
