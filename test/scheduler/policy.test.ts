import { expect, test } from 'vitest';
import {
  parseAccounts,
  parsePartitions,
  parsePolicy,
  parseReservations,
} from '../../src/scheduler/slurm/parse-policy.js';

/** As Slurm 22.05.8 prints it, cut to what is read. */
const CONFIG = `Configuration data as of 2026-11-30T12:00:00
AccountingStorageType   = accounting_storage/slurmdbd
JobRequeue              = 1
MinJobAge               = 300 sec
PreemptMode             = GANG,SUSPEND
SLURM_VERSION           = 22.05.8
`;

test('how jobs are treated', () => {
  expect(parsePolicy(CONFIG)).toEqual({
    ...{
      version: '22.05.8',
      minJobAge: 300,
      requeuesJobs: true,
      preemption: 'GANG,SUSPEND',
      accounting: true,
    },
  });
  const none = parsePolicy('AccountingStorageType   = accounting_storage/none\n');
  expect(none).toEqual({
    ...{ version: null, minJobAge: null, requeuesJobs: null, preemption: '', accounting: false },
  });
  // Slurm 23.11 and later write no plugin at all where there is none.
  expect(parsePolicy('AccountingStorageType   = (null)\n').accounting).toBe(false);
});

test('who may submit to a partition, and from where', () => {
  const lines = [
    'PartitionName=cpuonly AllowGroups=ALL AllowAccounts=ALL AllowQos=ALL AllocNodes=ALL Default=YES MaxTime=UNLIMITED',
    'PartitionName=gpu AllowGroups=staff AllowAccounts=physics,ml AllowQos=ALL AllocNodes=login[1-2] Default=NO',
    '',
  ];
  expect(parsePartitions(lines.join('\n'))).toEqual([
    { name: 'cpuonly', submitFrom: null, accounts: null },
    { name: 'gpu', submitFrom: 'login[1-2]', accounts: ['physics', 'ml'] },
  ]);
});

test('reservations, of which some are maintenance', () => {
  const line = (name: string, flags: string) =>
    `ReservationName=${name} StartTime=2026-12-02T12:00:00 EndTime=2026-12-02T13:00:00 Duration=01:00:00 Nodes=node[1-2] NodeCnt=2 Flags=${flags} State=INACTIVE`;
  const said = parseReservations(`${line('works', 'MAINT,SPEC_NODES')}\n${line('course', 'SPEC_NODES')}\n`);
  const from = new Date('2026-12-02T12:00:00').getTime();
  expect(said).toEqual([
    { name: 'works', maintenance: true, from, to: from + 3_600_000, hostlist: 'node[1-2]' },
    { name: 'course', maintenance: false, from, to: from + 3_600_000, hostlist: 'node[1-2]' },
  ]);
  expect(parseReservations('No reservations in the system\n')).toEqual([]);
});

test('accounts and their limits', () => {
  expect(parseAccounts('research|4|\nml||2\n')).toEqual([
    { account: 'research', submitted: 4, running: null },
    { account: 'ml', submitted: null, running: 2 },
  ]);
});
