import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from './execute.js';
import { type ClusterRecord, loginAddress } from './record.js';
import { lines } from './slurm-conf.js';

/** Tells a process of this cluster's login side: /proc/PID/root leads to it. */
export const MARK = 'sandboxctl-cluster';

/**
 * The cluster's own /etc, bound over the machine's in its mount namespaces only: users, node names and
 * Slurm's files exist for its login side and its nodes, and the machine's /etc is never touched.
 */
export async function makeEtc(record: ClusterRecord, slurmConf: string, plugins: string[]): Promise<void> {
  const etc = join(record.folder, 'etc');
  await must(['cp', '-a', '/etc', etc]);
  await mkdir(join(etc, 'slurm'), { recursive: true });
  await Promise.all([
    writeFile(join(etc, MARK), record.name),
    writeFile(join(etc, 'slurm/slurm.conf'), slurmConf),
    writeFile(join(etc, 'slurm/plugstack.conf'), lines(...plugins)),
    appendFile(
      join(etc, 'passwd'),
      lines(...record.users.map((u) => `${u.name}:x:${u.uid}:${u.gid}::${u.home}:/bin/bash`)),
    ),
    appendFile(join(etc, 'group'), lines(...record.users.map((u) => `${u.name}:x:${u.gid}:`))),
    appendFile(join(etc, 'hosts'), hosts(record)),
  ]);
}

const hosts = ({ slot, nodes, namesResolve }: ClusterRecord): string =>
  lines(
    `${loginAddress(slot)} login`,
    ...(namesResolve ? nodes.map((node) => `${node.address} ${node.name}`) : []),
  );
