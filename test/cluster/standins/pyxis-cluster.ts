import { type Cluster, startCluster } from '../cluster.js';
import { buildImage } from '../image/build.js';
import { startRegistry } from '../registry.js';
import { standins } from './index.js';

/** Two nodes whose plugstack line for the stand-in ends in `plugin`; `nodePath` goes before all on their PATH. */
export async function startWith(plugin: string, nodePath: readonly string[] = []): Promise<Cluster> {
  const { binFolder, pyxisPlugin } = await standins();
  const paths = { nodePath: [...nodePath, binFolder], loginPath: [binFolder] };
  return startCluster({ nodes: 2, plugins: [`required ${pyxisPlugin} ${plugin}`], ...paths });
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
