import { type Cluster, startCluster } from '../../cluster/cluster.js';
import { containerTools } from '../../cluster/container-tools.js';
import { buildImage } from '../../cluster/image/build.js';
import { startRegistry } from '../../cluster/registry.js';

/** Two nodes with pyxis, and these lines in their enroot.conf; `nodePath` goes before all on their PATH. */
export async function startWith(
  enrootConf: readonly string[],
  nodePath: readonly string[] = [],
): Promise<Cluster> {
  const { binFolder, pyxisPlugin } = await containerTools();
  const paths = { nodePath: [...nodePath, binFolder], loginPath: [binFolder] };
  return startCluster({ nodes: 2, plugins: [`required ${pyxisPlugin}`], enrootConf, ...paths });
}

/** Imports the test image into the first user's home; the path of the file. */
export async function putImage(to: Cluster, marker?: string): Promise<string> {
  const registry = await startRegistry();
  await registry.push('varad0309/code_sandbox:server', await buildImage({ marker }));
  const [user] = to.users;
  const file = `${user.home}/image${marker ?? ''}.sqsh`;
  const uri = `docker://${registry.host}/varad0309/code_sandbox:server`;
  const env = {
    ENROOT_ALLOW_HTTP: 'y',
    ENROOT_RUNTIME_PATH: `${user.home}/run`,
    ENROOT_SQUASH_OPTIONS: '-comp zstd -Xcompression-level 1',
  };
  const told = await to.run(['enroot', 'import', '-o', file, uri], { env });
  if (told.code !== 0) throw new Error(told.stderr);
  await registry.stop();
  return file;
}
