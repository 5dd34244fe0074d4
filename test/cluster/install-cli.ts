import { existsSync } from 'node:fs';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execute, must } from './execute.js';
import { INSTALLED } from './login.js';
import type { Cluster } from './types.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export const isBuilt = (): boolean => existsSync(join(ROOT, 'dist/main.js'));

/**
 * Installs the built package where ordinary users and nodes may read it: the repository may lie below a home
 * of mode 0700. `sandboxctl` and this Node are then on the login side's PATH. Returns the path of bin/sandboxctl.js there.
 */
export async function installSandboxctl(cluster: Pick<Cluster, 'folder'>): Promise<string> {
  const target = join(cluster.folder, 'opt/sandboxctl');
  const bin = (await linkPackage(target)) ?? (await copyPackage(target));
  await mkdir(join(cluster.folder, INSTALLED), { recursive: true });
  for (const [name, file] of [
    ['sandboxctl', bin],
    ['node', process.execPath],
  ] as const) {
    await rm(join(cluster.folder, INSTALLED, name), { force: true });
    await symlink(file, join(cluster.folder, INSTALLED, name));
  }
  return bin;
}

/** The copy that this test run has made already, by hard links: a copy for each cluster cost 1.5 s of a CPU. */
async function linkPackage(target: string): Promise<string | undefined> {
  const copied = process.env.SANDBOXCTL_TEST_PACKAGE;
  if (copied === undefined) return undefined;
  await mkdir(target, { recursive: true });
  const { code } = await execute(['cp', '-rl', `${copied}/.`, target]);
  // On another file system.
  return code === 0 ? join(target, 'bin/sandboxctl.js') : undefined;
}

/**
 * Copies the built package for everybody to run, without node_modules: only the types of its library need those.
 * Returns the path of bin/sandboxctl.js there.
 */
export async function copyPackage(target: string): Promise<string> {
  if (!isBuilt()) throw new Error('nothing is built: npm run build');
  const bin = join(target, 'bin/sandboxctl.js');
  await mkdir(target, { recursive: true });
  const parts = ['bin', 'dist', 'templates', 'package.json'];
  await must(['cp', '-r', ...parts, target], { cwd: ROOT });
  await must(['chmod', '-R', 'a+rX', target]);
  await must(['chmod', 'a+x', bin]);
  return bin;
}
