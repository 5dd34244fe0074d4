import { spawn } from 'node:child_process';
import { type Cluster, type ClusterOptions, startCluster } from '../cluster/cluster.js';
import { NODE_LOCAL } from '../cluster/container-tools.js';
import { buildImage } from '../cluster/image/build.js';
import { installSandboxctl } from '../cluster/install-cli.js';
import { enterLogin } from '../cluster/login.js';
import { readRecord } from '../cluster/record.js';
import { startRegistry } from '../cluster/registry.js';
import { installEnroot } from '../cluster/standins/index.js';
import { buildPyxis } from '../cluster/standins/pyxis.js';

/** A cluster as a user finds it: Slurm with pyxis and enroot, sandboxctl on PATH, the image in a registry. */
export interface Stage {
  cluster: Cluster;
  /** What makes `import-image` ask the registry of this machine instead of Docker Hub. */
  env: Record<string, string>;
  /** Runs a shell line on the login node as an ordinary user, on this process's own streams; its exit code. */
  shell(line: string): Promise<number>;
  down(): Promise<void>;
}

/** Brings everything up and tells each step; needs root. Where it throws, nothing stays. */
export async function setStage(
  options: ClusterOptions = {},
  tell: (step: string) => void = () => undefined,
): Promise<Stage> {
  const took: (() => Promise<void>)[] = [];
  const down = async () => {
    for (const giveBack of took.splice(0).reverse()) await giveBack();
  };
  try {
    tell('enroot and pyxis (stand-ins: Debian has neither)');
    const [enroot, pyxisPlugin] = [await installEnroot(), await buildPyxis()];
    tell(
      'varad0309/code_sandbox:server (a small stand-in that really runs Python), in a registry on 127.0.0.1',
    );
    const [image, registry] = [await buildImage(), await startRegistry()];
    took.push(() => registry.stop());
    await registry.push('varad0309/code_sandbox:server', image);
    tell(`a real Slurm of ${options.nodes ?? 4} nodes, each in namespaces of its own`);
    const cluster = await startCluster({
      // Node-local, as sites do it.
      plugins: [`required ${pyxisPlugin}`],
      enrootConf: NODE_LOCAL,
      nodePath: [enroot],
      ...options,
    });
    took.push(() => cluster.down());
    await installSandboxctl(cluster);
    const env = { SANDBOXCTL_REGISTRY_MIRROR: registry.url };
    return { cluster, env, shell: (line) => shell(cluster, env, line), down };
  } catch (error) {
    await down();
    throw error;
  }
}

async function shell(cluster: Cluster, env: Record<string, string>, line: string): Promise<number> {
  const entered = enterLogin(await readRecord(cluster.name), ['bash', '-c', line], {
    env: { ...cluster.env, ...env, TERM: process.env.TERM ?? 'dumb' },
  });
  const [program = '', ...args] = entered.argv;
  const child = spawn(program, args, { cwd: '/', env: entered.options.env, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}
