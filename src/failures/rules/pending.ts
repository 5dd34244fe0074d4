import type { FailureRule } from '../rule.js';

/** Reasons, as Slurm spells them, for which a pending job never starts: the request itself must change. */
export const PENDING_RULES: readonly FailureRule[] = [
  {
    id: 'pending-account-not-allowed',
    pendingReason: ['AccountNotAllowed'],
    cause: 'the partition does not accept this account',
    hint: 'name another with --account',
  },
  {
    id: 'pending-account-invalid',
    pendingReason: ['InvalidAccount'],
    cause: 'the account does not exist, or you may not use it',
    hint: 'name another with --account',
  },
  {
    id: 'pending-account-time-limit',
    pendingReason: ['AssocMaxWallDurationPerJobLimit'],
    cause: 'the account allows less time per job',
    hint: 'give a shorter --time',
  },
  {
    id: 'pending-account-size-limit',
    pendingReason: ['AssocMaxCpuPerJobLimit', 'AssocMaxMemPerJob', 'AssocMaxNodePerJobLimit'],
    cause: 'the account allows fewer CPUs, nodes or less memory per job',
    hint: 'ask for less with --cpus-per-task or --mem, or name another --account',
  },
  {
    id: 'pending-qos-invalid',
    pendingReason: ['InvalidQOS', 'QOSNotAllowed'],
    cause: 'the quality of service (QOS) does not exist, or may not be used here',
    hint: 'name another with --qos',
  },
  {
    id: 'pending-qos-time-limit',
    pendingReason: ['QOSMaxWallDurationPerJobLimit'],
    cause: 'the quality of service (QOS) allows less time per job',
    hint: 'give a shorter --time, or another --qos',
  },
  {
    id: 'pending-qos-size-limit',
    pendingReason: ['QOSMaxCpuPerJobLimit', 'QOSMaxMemoryPerJob', 'QOSMaxNodePerJobLimit'],
    cause: 'the quality of service (QOS) allows fewer CPUs, nodes or less memory per job',
    hint: 'ask for less with --cpus-per-task or --mem, or name another --qos',
  },
  {
    id: 'pending-constraints',
    pendingReason: ['BadConstraints'],
    cause: 'no node meets all requirements of the job',
    hint: 'check --constraint, --cpus-per-task and --mem',
  },
  {
    id: 'pending-partition-config',
    pendingReason: ['PartitionConfig'],
    cause: 'the partition never allows this request',
    hint: 'check --nodes, --cpus-per-task, --time and --partition',
  },
  {
    id: 'pending-partition-node-limit',
    pendingReason: ['PartitionNodeLimit'],
    cause: 'the partition allows fewer nodes per job',
    hint: 'name another with --partition',
  },
  {
    id: 'pending-partition-time-limit',
    pendingReason: ['PartitionTimeLimit'],
    cause: 'the partition allows less time per job',
    hint: 'give a shorter --time',
  },
  {
    id: 'pending-reservation',
    pendingReason: ['ReservationDeleted', 'ReservationInvalid'],
    cause: 'the reservation does not exist any more, or may not be used',
    hint: 'name another with --reservation, or leave it out',
  },
  {
    id: 'pending-held-by-admin',
    pendingReason: ['JobHeldAdmin'],
    cause: 'an administrator holds the job',
    hint: 'ask the administrators to release it',
  },
  {
    id: 'pending-held-by-user',
    pendingReason: ['JobHeldUser'],
    cause: 'you hold the job',
    hint: "release it with 'scontrol release JOB', or cancel it with 'sandboxctl stop'",
  },
  {
    id: 'pending-other',
    pendingReason: [
      'DependencyNeverSatisfied',
      'JobArrayTaskLimitInvalid',
      'JobLaunchFailure',
      'launch_failed_requeued_held',
    ],
    cause: 'Slurm will not start the job as it was submitted',
    hint: "cancel the jobs with 'sandboxctl stop', then change the request and run 'sandboxctl deploy' again",
  },
];
