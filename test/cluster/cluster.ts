import { chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { identity } from '../support/processes.js';
import { startAccounting } from './accounting.js';
import { controllerOf, startMunge } from './daemons.js';
import { downCluster } from './down.js';
import { makeEtc } from './etc.js';
import { clusterOf } from './handle.js';
import { install } from './install.js';
import { startLogin } from './login.js';
import { makeBridge } from './network.js';
import { newRecord } from './new-record.js';
import { sharedView } from './nfs/build.js';
import { bootNodes, writeFstab } from './nodes.js';
import { type ClusterRecord, claimSlot, folderOf, ownerFile, readRecord, recordFile } from './record.js';
import { slurmConf } from './slurm-conf.js';
import type { Cluster, ClusterOptions } from './types.js';
import { watchOver } from './watchdog.js';

export type * from './types.js';

/** Brings a real Slurm up and waits until its nodes are idle; on failure nothing stays. Needs root. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  if (process.getuid?.() !== 0) throw new Error('a cluster needs root: namespaces and links are made');
  await install({ accounting: (options.accounting ?? false) !== false });
  // Others read what lies in its folder, whatever the umask of who starts it.
  process.umask(0o022);
  const name = options.name ?? `c${Math.random().toString(36).slice(2, 9)}`;
  if (!/^[a-z][a-z0-9]{0,15}$/.test(name)) throw new Error(`bad cluster name: ${name}`);
  // Recursive, since the last cluster to go removes the folder of them all.
  const made = await mkdir(folderOf(name), { recursive: true });
  if (!made) throw new Error(`a cluster ${name} exists already: npm run cluster -- down ${name}`);
  const tied = options.tied ?? true;
  const callOff = tied ? watchOver(name) : () => {};
  const down = async (): Promise<void> => {
    await downCluster(name);
    callOff();
  };
  try {
    if (tied) await writeFile(ownerFile(name), identity(process.pid));
    const view = await sharedView(folderOf(name), options.sharedRemembered);
    const slot = await claimSlot(name);
    const record = newRecord(name, slot, options, view, await accountingOf({ name, slot }, options));
    await writeFile(recordFile(name), JSON.stringify(record, null, 2));
    await make(record, options);
    const cluster = clusterOf(record, down);
    await cluster.ready();
    return cluster;
  } catch (error) {
    await down();
    throw error;
  }
}

async function accountingOf(
  own: { name: string; slot: number },
  { accounting = false }: ClusterOptions,
): Promise<ClusterRecord['accounting']> {
  if (typeof accounting !== 'boolean') return (await readRecord(accounting.name)).accounting;
  return accounting ? own : null;
}

async function make(record: ClusterRecord, options: ClusterOptions): Promise<void> {
  const { arrays = true, config = [], partitions = [], plugins = [], enrootConf = [] } = options;
  await all([
    makeEtc(record, slurmConf(record, { arrays, config, partitions, plugins }), plugins, enrootConf),
    makeHomes(record),
    writeFstab(record),
    makeBridge(record),
  ]);
  await startLogin(record);
  await startMunge(record);
  if (record.accounting) await startAccounting(record);
  await all([controllerOf(record).start(), bootNodes(record, record.nodes)]);
}

/** Unlike Promise.all it leaves nothing under way: where one fails, all is taken down, and it must stay down. */
async function all(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((each) => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function makeHomes({ folder, users }: ClusterRecord): Promise<void> {
  await mkdir(join(folder, 'shared/home'), { recursive: true });
  for (const { home, uid, gid } of users) {
    await mkdir(home, { mode: 0o700 });
    await chown(home, uid, gid);
  }
}
