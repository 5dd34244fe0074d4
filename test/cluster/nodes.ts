import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isAlive } from './daemons.js';
import { execute, type Result } from './execute.js';
import { hidden } from './hidden.js';
import { holdNamespaces, readPid, until } from './hold.js';
import { enter, nodeEnv } from './login.js';
import { drop, plug, unplug, writeNodeNetwork } from './network.js';
import { type ClusterRecord, loginAddress } from './record.js';
import { lines } from './slurm-conf.js';
import type { Daemon, Node, RunOptions } from './types.js';

const INIT = fileURLToPath(new URL('node-init.sh', import.meta.url));

export const nodeFolder = (record: ClusterRecord, node: string): string => join(record.folder, 'nodes', node);

/** What the login side and a node have of their own; sources carry names, since `mount --all` skips what seems mounted already. */
export async function writeFstab(record: ClusterRecord): Promise<void> {
  const { folder } = record;
  await mkdir(join(folder, 'nodes'), { recursive: true });
  const both = [`${folder}/etc /etc none bind 0 0`, ...(await hidden(record))];
  await writeFile(join(folder, 'login-fstab'), lines(...both));
  await writeFile(
    join(folder, 'nodes/fstab'),
    lines(
      'node-proc /proc proc nosuid,nodev,noexec 0 0',
      'node-tmp /tmp tmpfs mode=1777,nosuid,nodev 0 0',
      'node-run /run tmpfs mode=755,nosuid,nodev 0 0',
      'node-shm /dev/shm tmpfs mode=1777,nosuid,nodev 0 0',
      ...both,
    ),
  );
}

/** Powers the nodes on: namespaces first, then one cable each, then their slurmd. */
export async function bootNodes(record: ClusterRecord, nodes: Node[]): Promise<void> {
  const started = await Promise.all(
    nodes.map(async (node) => {
      const folder = nodeFolder(record, node.name);
      await mkdir(join(folder, 'spool'), { recursive: true });
      await rm(join(folder, 'pid'), { force: true });
      await writeNodeNetwork(record, node);
      const held = await holdNamespaces(
        ['unshare', '--net', '--mount', '--pid', '--uts', '--fork', 'sh', INIT],
        [record.folder, node.name, ...record.sharedView],
        join(folder, 'pid'),
        { log: join(folder, 'init.log'), env: nodeEnv(record) },
      );
      return { node, ...held };
    }),
  );
  await plug(record, started);
  for (const { stdin } of started) stdin.end('go\n');
}

/** The pid of the node's init, as the machine counts. */
function initPid(record: ClusterRecord, node: string): number {
  const pid = readPid(join(nodeFolder(record, node), 'pid'));
  if (!pid || !isAlive(pid)) throw new Error(`${node} is not up`);
  return pid;
}

export async function runOnNode(
  record: ClusterRecord,
  node: string,
  argv: readonly string[],
  options: RunOptions = {},
): Promise<Result> {
  const pid = initPid(record, node);
  const nsenter = ['/usr/bin/nsenter', `--target=${pid}`, '--mount', '--net', '--pid', '--uts'];
  const env = { PATH: nodeEnv(record).PATH ?? '', ...options.env };
  const entered = enter(record, nsenter, argv, { ...options, env });
  return execute(entered.argv, entered.options);
}

export async function crashNode(record: ClusterRecord, node: string): Promise<void> {
  const pid = initPid(record, node);
  process.kill(pid, 'SIGKILL');
  await until(`the end of ${node}`, () => !isAlive(pid));
  await unplug(record, node);
}

export function slurmdOf(record: ClusterRecord, node: string): Daemon {
  const folder = nodeFolder(record, node);
  const asRoot = (argv: string[]): Promise<Result> =>
    runOnNode(record, node, argv, { user: 'root', env: nodeEnv(record), timeoutMs: 120_000 });
  return {
    async kill(signal = 'SIGKILL') {
      const pid = readPid(join(folder, 'slurmd.pid'));
      if (!pid) throw new Error(`slurmd of ${node} does not run`);
      await asRoot(['kill', `-${signal.slice(3)}`, `${pid}`]);
      await until(`the end of slurmd on ${node}`, async () => {
        return (await asRoot(['kill', '-0', `${pid}`])).code !== 0;
      });
    },
    async start() {
      const result = await asRoot(['slurmd']);
      if (result.code !== 0) throw new Error(`slurmd of ${node}: exit ${result.code}\n${result.stderr}`);
    },
  };
}

export async function setReach(
  record: ClusterRecord,
  node: string,
  reachable: boolean,
  ports?: string,
): Promise<void> {
  const rule = drop(loginAddress(record.slot), ports).split(' ');
  const asRoot = (verb: string) => runOnNode(record, node, ['ip', 'rule', verb, ...rule], { user: 'root' });
  // Removing what is not there is no mistake here, adding it twice would be.
  await asRoot('del');
  if (reachable) return;
  const added = await asRoot('add');
  if (added.code !== 0) throw new Error(added.stderr);
}
