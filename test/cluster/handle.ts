import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { controllerOf } from './daemons.js';
import { downCluster } from './down.js';
import { until } from './hold.js';
import { loginEnv, runOnLogin, spawnOnLogin } from './login.js';
import { bootNodes, crashNode, nodeFolder, runOnNode, setReach, slurmdOf } from './nodes.js';
import { type ClusterRecord, loginAddress, readRecord } from './record.js';
import type { Cluster } from './types.js';

/** A running cluster, from its record alone: any process may attach to it. */
export function clusterOf(record: ClusterRecord, down = () => downCluster(record.name)): Cluster {
  const { name, folder, users, nodes } = record;
  return {
    name,
    folder,
    shared: join(folder, 'shared'),
    address: loginAddress(record.slot),
    users,
    nodes,
    env: loginEnv(record),
    run: (argv, options) => runOnLogin(record, argv, options),
    spawn: (argv, options) => spawnOnLogin(record, argv, options),
    onNode: (node, argv, options) => runOnNode(record, node, argv, options),
    controller: controllerOf(record),
    slurmd: (node) => slurmdOf(record, node),
    reach: (node, reachable, ports) => setReach(record, node, reachable, ports),
    crash: (node) => crashNode(record, node),
    boot: (node) =>
      bootNodes(
        record,
        record.nodes.filter((one) => one.name === node),
      ),
    ready: (names) => ready(record, names),
    down,
  };
}

export async function attachCluster(name: string): Promise<Cluster> {
  return clusterOf(await readRecord(name));
}

async function ready(record: ClusterRecord, names?: string[]): Promise<void> {
  const wanted = names ?? record.nodes.map((node) => node.name);
  let last = '';
  try {
    await until('nodes up', async () => {
      const argv = ['sinfo', '-h', '-N', '-p', 'cpuonly', '-o', '%N %T'];
      const { stdout, stderr } = await runOnLogin(record, argv, { user: 'root', timeoutMs: 15_000 });
      last = stdout + stderr;
      const up = new Set(stdout.match(/^\S+(?= (idle|mixed|allocated)$)/gm));
      return wanted.every((node) => up.has(node));
    });
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${last}${await logs(record)}`);
  }
}

/** The ends of the logs that tell why a cluster does not come up. */
async function logs(record: ClusterRecord): Promise<string> {
  const first = nodeFolder(record, 'node1');
  const files = [join(record.folder, 'slurmctld.log'), join(first, 'init.log'), join(first, 'slurmd.log')];
  const texts = files.map(async (file) => {
    const text = await readFile(file, 'utf8').catch(() => '');
    return `--- ${file}\n${text.split('\n').slice(-15).join('\n')}\n`;
  });
  return (await Promise.all(texts)).join('');
}
