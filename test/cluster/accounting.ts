import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { daemon } from './daemons.js';
import { must, type Result } from './execute.js';
import { until } from './hold.js';
import { runOnLogin } from './login.js';
import { type ClusterRecord, databasePort, loginAddress } from './record.js';
import { lines, slurmdbdConf } from './slurm-conf.js';

/** The account that both users may submit under. */
const ACCOUNT = 'research';

/** slurmdbd over a mariadb of the cluster's own: about 3 s, most of it for the new database. */
export async function startAccounting(record: ClusterRecord): Promise<void> {
  if (record.accounting?.name === record.name) await startSlurmdbd(record);
  const [a, b] = record.users;
  const users = `${a.name},${b.name}`;
  const here = `Cluster=${record.name}`;
  for (const entity of [
    ['cluster', record.name],
    ['account', ACCOUNT, 'Description=tests', 'Organization=tests', here],
    ['user', users, `Account=${ACCOUNT}`, here],
  ]) {
    const added = await sacctmgr(record, 'add', ...entity);
    if (added.code !== 0) throw new Error(`sacctmgr add ${entity[0]}: ${added.stderr}${added.stdout}`);
  }
}

async function startSlurmdbd(record: ClusterRecord): Promise<void> {
  await startDatabase(record);
  const conf = join(record.folder, 'etc/slurm/slurmdbd.conf');
  await writeFile(conf, slurmdbdConf(record), { mode: 0o600 });
  await daemon(record, ['slurmdbd']);
  await until('slurmdbd', async () => (await sacctmgr(record, 'show', 'cluster')).code === 0);
}

async function startDatabase(record: ClusterRecord): Promise<void> {
  const folder = join(record.folder, 'database');
  const data = join(folder, 'data');
  await mkdir(data, { recursive: true });
  await writeFile(
    join(folder, 'init.sql'),
    lines("CREATE USER slurm IDENTIFIED BY 'slurm';", 'GRANT ALL ON slurm.* TO slurm;'),
  );
  await must(['chown', '-R', 'mysql:mysql', folder]);
  const common = ['--no-defaults', '--user=mysql', `--datadir=${data}`];
  await must(['mariadb-install-db', ...common, '--skip-test-db']);
  await daemon(record, [
    'sh',
    '-c',
    '"$@" </dev/null >/dev/null 2>&1 &',
    'sh',
    'mariadbd',
    ...common,
    `--init-file=${folder}/init.sql`,
    `--socket=${folder}/socket`,
    `--pid-file=${folder}/pid`,
    `--log-error=${folder}/log`,
    `--bind-address=${loginAddress(record.slot)}`,
    `--port=${databasePort(record.slot)}`,
    // A throw-away database need not survive a power cut.
    '--innodb-flush-log-at-trx-commit=0',
  ]);
  await until('mariadbd', () => existsSync(join(folder, 'socket')));
}

const sacctmgr = (record: ClusterRecord, ...args: string[]): Promise<Result> =>
  runOnLogin(record, ['sacctmgr', '--immediate', ...args], { user: 'root', timeoutMs: 120_000 });
