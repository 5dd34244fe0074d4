import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { must } from './execute.js';
import { INSTALLED } from './login.js';
import type { Cluster } from './types.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Copies the built package, with what it needs at run time only, to where ordinary users and nodes may read
 * it: the repository may lie below a home of mode 0700. `sandboxctl` is then on the login side's PATH.
 * Returns the path of bin/sandboxctl.js there.
 */
export async function installSandboxctl(cluster: Pick<Cluster, 'folder'>): Promise<string> {
  if (!existsSync(join(ROOT, 'dist/main.js'))) throw new Error('nothing is built: npm run build');
  const target = join(cluster.folder, 'opt/sandboxctl');
  const bin = join(target, 'bin/sandboxctl.js');
  await mkdir(target, { recursive: true });
  const parts = ['bin', 'dist', 'templates', 'package.json', ...(await productionModules())];
  await must(['cp', '-r', '--parents', ...parts.filter((part) => existsSync(join(ROOT, part))), target], {
    cwd: ROOT,
  });
  await must(['chmod', '-R', 'a+rX', join(cluster.folder, 'opt')]);
  await must(['chmod', 'a+x', bin]);
  await mkdir(join(cluster.folder, INSTALLED), { recursive: true });
  await symlink(bin, join(cluster.folder, INSTALLED, 'sandboxctl')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return bin;
}

/** From the lock file: npm itself would take half a second to say the same. */
async function productionModules(): Promise<string[]> {
  const lock = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>;
  };
  return Object.entries(lock.packages)
    .filter(([path, { dev }]) => path !== '' && !dev)
    .map(([path]) => path);
}
