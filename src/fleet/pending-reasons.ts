/** Pending reasons that no waiting resolves, as Slurm spells them: the request itself must change. */
const NEVER = new Set([
  'AccountNotAllowed',
  'AssocMaxCpuPerJobLimit',
  'AssocMaxMemPerJob',
  'AssocMaxNodePerJobLimit',
  'AssocMaxWallDurationPerJobLimit',
  'BadConstraints',
  'DependencyNeverSatisfied',
  'InvalidAccount',
  'InvalidQOS',
  'JobArrayTaskLimitInvalid',
  'JobHeldAdmin',
  'JobHeldUser',
  'JobLaunchFailure',
  'launch_failed_requeued_held',
  'PartitionConfig',
  'PartitionNodeLimit',
  'PartitionTimeLimit',
  'QOSMaxCpuPerJobLimit',
  'QOSMaxMemoryPerJob',
  'QOSMaxNodePerJobLimit',
  'QOSMaxWallDurationPerJobLimit',
  'QOSNotAllowed',
  'ReservationDeleted',
  'ReservationInvalid',
]);

const HINTS: Readonly<Record<string, string>> = {
  AccountNotAllowed: 'the partition does not take this account: name another with --account',
  AssocMaxWallDurationPerJobLimit: 'the account allows less time: give a shorter --time',
  BadConstraints: 'no node has all that was asked for: look at --constraint, --cpus-per-task and --mem',
  InvalidAccount: 'name another with --account',
  InvalidQOS: 'name another with --qos',
  JobHeldAdmin: 'an administrator holds the job: ask them',
  JobHeldUser: "you hold the job: 'scontrol release' lets it go",
  PartitionConfig:
    'the partition never allows this: look at --nodes, --cpus-per-task, --time and --partition',
  PartitionNodeLimit: 'the partition allows fewer nodes a job: name another with --partition',
  PartitionTimeLimit: 'the partition allows less time: give a shorter --time',
  QOSMaxWallDurationPerJobLimit:
    'the quality of service allows less time: give a shorter --time, or another --qos',
};

/** `reason` is squeue's %r, which may carry more after a comma; some Slurms write it with blanks. */
export function neverStarts(reason: string): boolean {
  return NEVER.has(wordOf(reason)) || NEVER.has(reason.replaceAll(' ', '_'));
}

export function hintFor(reason: string): string {
  return HINTS[wordOf(reason)] ?? "'sandboxctl stop' takes the jobs back; then change what was asked for";
}

/** Pending reasons of the job itself; any other may be that of one partition of several. */
const OF_THE_JOB =
  /^(None|Dependency|DependencyNeverSatisfied|JobHeld|JobLaunchFailure|launch_failed|BeginTime|Invalid|Priority|Resources|Reservation)/;

/**
 * The reason of a job that pends in `partitions`, as squeue lists them. Of several, Slurm tells the reason of the
 * one that it tried last, while the next may start the job: that is no reason why it can never start.
 */
export function reasonAmong(partitions: string, reason: string): string {
  if (!partitions.includes(',') || OF_THE_JOB.test(reason.replaceAll(' ', '_'))) return reason;
  return `one of ${partitions}: ${reason}`;
}

function wordOf(reason: string): string {
  return reason.split(/[,\s(]/)[0] ?? '';
}
