import type {
  AccountLimits,
  ClusterPolicy,
  PartitionPolicy,
  Reservation,
} from '../../fleet/cluster-policy.js';

/** Parses the policy in `scontrol show config`. */
export function parsePolicy(config: string): Omit<ClusterPolicy, 'partitions' | 'reservations' | 'accounts'> {
  const value = (key: string) => new RegExp(`^${key}\\s*=\\s*(\\S.*?)\\s*$`, 'm').exec(config)?.[1];
  const age = /^\d+/.exec(value('MinJobAge') ?? '')?.[0];
  const requeue = value('JobRequeue');
  const accounting = value('AccountingStorageType') ?? '';
  return {
    version: value('SLURM_VERSION') ?? null,
    minJobAge: age === undefined ? null : Number(age),
    requeuesJobs: requeue === undefined ? null : requeue === '1',
    preemption: value('PreemptMode') ?? '',
    accounting: accounting !== '' && !/none|\(null\)/.test(accounting),
  };
}

/** A line of `scontrol show partition -o`, its hosts still as a host list. */
export type PartitionLine = Omit<PartitionPolicy, 'submitFrom'> & { submitFrom: string | null };

export function parsePartitions(stdout: string): PartitionLine[] {
  return stdout.split('\n').flatMap((line) => {
    const value = (key: string) => new RegExp(`(?:^|\\s)${key}=(\\S+)`).exec(line)?.[1] ?? '';
    const name = value('PartitionName');
    if (name === '') return [];
    const [hosts, accounts] = ['AllocNodes', 'AllowAccounts'].map((key) => {
      const list = value(key);
      return list === '' || list === 'ALL' ? null : list;
    });
    return { name, submitFrom: hosts ?? null, accounts: accounts?.split(',') ?? null };
  });
}

/** A line of `scontrol show reservation -o`, its nodes still as a host list. */
export type ReservationLine = Omit<Reservation, 'nodes'> & { hostlist: string };

export function parseReservations(stdout: string): ReservationLine[] {
  return stdout.split('\n').flatMap((line) => {
    const value = (key: string) => new RegExp(`(?:^|\\s)${key}=(\\S+)`).exec(line)?.[1] ?? '';
    const [from, to] = [Date.parse(value('StartTime')), Date.parse(value('EndTime'))];
    if (value('ReservationName') === '' || Number.isNaN(from) || Number.isNaN(to)) return [];
    const maintenance = value('Flags').split(',').includes('MAINT');
    return { name: value('ReservationName'), maintenance, from, to, hostlist: value('Nodes') };
  });
}

/** `sacctmgr -nP show associations format=Account,MaxSubmitJobs,MaxJobs`; an empty limit is none. */
export function parseAccounts(stdout: string): AccountLimits[] {
  return stdout.split('\n').flatMap((line) => {
    const [account = '', submitted = '', running = ''] = line.split('|');
    if (account === '') return [];
    return { account, submitted: limit(submitted), running: limit(running) };
  });
}

function limit(text: string): number | null {
  return /^\d+$/.test(text) ? Number(text) : null;
}
