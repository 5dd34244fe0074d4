import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
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
export async function makeEtc(
  record: ClusterRecord,
  slurmConf: string,
  plugins: readonly string[],
  enrootConf: readonly string[],
): Promise<void> {
  const etc = join(record.folder, 'etc');
  await mkdir(etc);
  // Other tests make files of their own there, and take them away meanwhile.
  const tar =
    'tar -C /etc --exclude=\'./sandboxctl-test*\' --ignore-failed-read -cf - . | tar -C "$1" -xpf -';
  await must(['sh', '-c', tar, 'sh', etc]);
  // What a site set up on this machine is not what these clusters are.
  for (const own of ['slurm', 'profile.d', 'environment', 'gitconfig']) {
    await rm(join(etc, own), { recursive: true, force: true });
  }
  await mkdir(join(etc, 'slurm'), { recursive: true });
  await withoutDns(etc);
  // Nor is what it says of enroot, but for its hooks: without them a real container has no /proc, /dev or /tmp.
  await rm(join(etc, 'enroot/enroot.conf.d'), { recursive: true, force: true });
  await mkdir(join(etc, 'enroot'), { recursive: true });
  await Promise.all([
    writeFile(join(etc, MARK), record.name),
    writeFile(join(etc, 'slurm/slurm.conf'), slurmConf),
    writeFile(join(etc, 'slurm/plugstack.conf'), lines(...plugins)),
    writeFile(join(etc, 'enroot/enroot.conf'), lines(...enrootConf)),
    appendFile(
      join(etc, 'passwd'),
      lines(...record.users.map((u) => `${u.name}:x:${u.uid}:${u.gid}::${u.home}:/bin/bash`)),
    ),
    appendFile(join(etc, 'group'), lines(...record.users.map((u) => `${u.name}:x:${u.gid}:`))),
    writeFile(join(etc, 'hosts'), hosts(record)),
  ]);
}

const hosts = ({ slot, nodes, namesResolve }: ClusterRecord): string =>
  lines(
    '127.0.0.1 localhost',
    `${loginAddress(slot)} login`,
    ...(namesResolve ? nodes.map((node) => `${node.address} ${node.name}`) : []),
  );

/** A name server that nodes cannot reach would cost 10 s a question: unknown names fail at once instead. */
async function withoutDns(etc: string): Promise<void> {
  const nsswitch = join(etc, 'nsswitch.conf');
  const text = await readFile(nsswitch, 'utf8');
  await writeFile(nsswitch, text.replace(/^hosts:.*$/m, 'hosts: files'));
  // A link to somewhere in /run on some machines, which must not be written through.
  await rm(join(etc, 'resolv.conf'), { force: true });
  await writeFile(join(etc, 'resolv.conf'), lines('nameserver 127.0.0.1', 'options timeout:1 attempts:1'));
}
