import { accountingPort, type ClusterRecord, controllerPort, databasePort, loginAddress } from './record.js';

interface Asked {
  arrays: boolean;
  config: string[];
  partitions: string[];
  plugins: string[];
}

/** What slurm.conf says, short clocks included: a test must not wait for minutes. */
export function slurmConf(record: ClusterRecord, asked: Asked): string {
  const { name, folder, slot, nodes } = record;
  const all = nodes.length === 1 ? 'node1' : `node[1-${nodes.length}]`;
  return lines(
    `ClusterName=${name}`,
    `SlurmctldHost=login(${loginAddress(slot)})`,
    'SlurmUser=root',
    'SlurmdUser=root',
    'AuthType=auth/munge',
    `AuthInfo=socket=${folder}/munge/socket`,
    'CryptoType=crypto/munge',
    ...listening(record),
    `StateSaveLocation=${folder}/state`,
    `SlurmctldPidFile=${folder}/slurmctld.pid`,
    `SlurmctldLogFile=${folder}/slurmctld.log`,
    `SlurmdSpoolDir=${folder}/nodes/%n/spool`,
    `SlurmdPidFile=${folder}/nodes/%n/slurmd.pid`,
    `SlurmdLogFile=${folder}/nodes/%n/slurmd.log`,
    `PlugStackConfig=${folder}/etc/slurm/plugstack.conf`,
    'ProctrackType=proctrack/linuxproc',
    'TaskPlugin=task/none',
    'JobAcctGatherType=jobacct_gather/none',
    'MpiDefault=none',
    'SelectType=select/cons_tres',
    'SelectTypeParameters=CR_Core_Memory',
    'DefMemPerCPU=1024',
    // A machine of 2 CPUs may declare 96.
    'SlurmdParameters=config_overrides',
    'ReturnToService=2',
    'FirstJobId=1000',
    `MaxArraySize=${asked.arrays ? 1001 : 0}`,
    'KillWait=5',
    'MinJobAge=30',
    'SlurmdTimeout=20',
    'InactiveLimit=0',
    'SchedulerType=sched/backfill',
    // Arrays wait for the scheduler's next round: with these, 0.1 to 0.9 s (measured).
    'SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1,sched_min_interval=0',
    ...accounting(record),
    ...nodes.map(
      (node) =>
        `NodeName=${node.name} NodeAddr=${node.address} CPUs=${node.cpus} Boards=1 SocketsPerBoard=2 ` +
        `CoresPerSocket=${node.cpus / 2} ThreadsPerCore=1 RealMemory=${node.cpus * 4096} State=UNKNOWN`,
    ),
    `PartitionName=cpuonly Nodes=${all} Default=YES MaxTime=INFINITE State=UP`,
    `PartitionName=short Nodes=${all} MaxTime=60 State=UP`,
    `PartitionName=down Nodes=${all} MaxTime=INFINITE State=DOWN`,
    ...asked.partitions,
    ...asked.config,
  );
}

function listening({ name, slot, accounting }: ClusterRecord): string[] {
  // Of its own, beside other clusters and a Slurm that the machine may have.
  const port = `SlurmctldPort=${controllerPort(slot)}`;
  // It then listens on what `login` resolves to only.
  if (accounting === null || accounting.name === name)
    return [port, 'CommunicationParameters=NoCtldInAddrAny'];
  // slurmdbd tells others the address that it was called from, which is its own where both are one machine.
  return [port];
}

function accounting({ accounting, folder }: ClusterRecord): string[] {
  if (accounting === null) return ['AccountingStorageType=accounting_storage/none'];
  return [
    'AccountingStorageType=accounting_storage/slurmdbd',
    `AccountingStorageHost=${loginAddress(accounting.slot)}`,
    `AccountingStoragePort=${accountingPort(accounting.slot)}`,
    `AccountingStoragePass=${folder}/munge/socket`,
    'AccountingStorageEnforce=associations',
  ];
}

/** What slurmdbd.conf says; slurmdbd wants it readable by nobody else. */
export const slurmdbdConf = ({ folder, slot }: ClusterRecord): string =>
  lines(
    'DbdHost=login',
    `DbdPort=${accountingPort(slot)}`,
    'SlurmUser=root',
    'AuthType=auth/munge',
    `AuthInfo=socket=${folder}/munge/socket`,
    `PidFile=${folder}/slurmdbd.pid`,
    `LogFile=${folder}/slurmdbd.log`,
    'StorageType=accounting_storage/mysql',
    'StorageHost=login',
    `StoragePort=${databasePort(slot)}`,
    'StorageUser=slurm',
    'StoragePass=slurm',
    'StorageLoc=slurm',
  );

export const lines = (...all: string[]): string => `${all.join('\n')}\n`;
