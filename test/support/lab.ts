import { chown, cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startCluster } from '../cluster/cluster.js';
import { containerTools, NODE_LOCAL } from '../cluster/container-tools.js';
import type { Result } from '../cluster/execute.js';
import { installSandboxctl } from '../cluster/install-cli.js';
import type { Cluster, ClusterOptions, RunOptions, User } from '../cluster/types.js';
import { type ImageOptions, squashedImage } from './squashed.js';

/** A cluster with pyxis and enroot, sandboxctl on its login node, and an image file that its users can read. */
export interface Lab extends Cluster {
  /** The image as a .sqsh on the shared folder. */
  image: string;
  /** Runs `sandboxctl ARGV` as a user, the first one by default. */
  sandboxctl(argv: readonly string[], options?: RunOptions): Promise<Result>;
  /** `deploy --image IMAGE ARGV`. */
  deploy(argv: readonly string[], options?: RunOptions): Promise<Result>;
  /** Path in a user's state folder. */
  state(path: string, user?: User): string;
  /** Puts another image on the shared folder. */
  addImage(name: string, options: ImageOptions): Promise<string>;
}

export interface LabOptions extends ClusterOptions {
  image?: ImageOptions;
  /** What its users deploy unless they say otherwise; pyxis when left out. */
  runtime?: 'embedded';
}

export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const { image, runtime, ...rest } = options;
  const tools = await containerTools();
  const bare = await startCluster({
    // Node-local, as sites do it; on a shared home simultaneous first starts fail (fact 4).
    plugins: [`required ${tools.pyxisPlugin}`],
    enrootConf: NODE_LOCAL,
    nodePath: [tools.binFolder],
    ...rest,
  });
  const cluster = runtime === undefined ? bare : withEnv(bare, { SANDBOXCTL_RUNTIME: runtime });
  try {
    await installSandboxctl(cluster);
    const addImage = async (name: string, which: ImageOptions) => {
      const path = join(cluster.shared, 'images', name);
      await mkdir(join(cluster.shared, 'images'), { recursive: true });
      await cp(await squashedImage(which), path);
      return path;
    };
    const path = await addImage('sandbox.sqsh', image ?? {});
    const sandboxctl: Lab['sandboxctl'] = (argv, o) =>
      cluster.run(['sandboxctl', ...argv], { timeoutMs: 240_000, ...o });
    return {
      ...cluster,
      image: path,
      addImage,
      sandboxctl,
      deploy: (argv, o) => sandboxctl(['deploy', '--image', path, ...argv], o),
      state: (inside, user = cluster.users[0]) => join(user.home, '.local/state/sandboxctl', inside),
    };
  } catch (error) {
    await cluster.down();
    throw error;
  }
}

/** A cluster whose users have more in their environment. */
function withEnv(cluster: Cluster, env: Readonly<Record<string, string>>): Cluster {
  const more = (options: RunOptions = {}) => ({ ...options, env: { ...env, ...options.env } });
  return {
    ...cluster,
    run: (argv, options) => cluster.run(argv, more(options)),
    spawn: (argv, options) => cluster.spawn(argv, more(options)),
  };
}

/** Gives a folder that root made to one of the cluster's users. */
export async function ownedFolder(path: string, user: User): Promise<string> {
  await mkdir(path, { recursive: true });
  await chown(path, user.uid, user.gid);
  return path;
}

export async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, 'utf8')) as T;
}
