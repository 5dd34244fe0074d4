/** Pending reasons that concern the job itself; others may concern only one of several partitions. */
const OF_THE_JOB =
  /^(None|Dependency|DependencyNeverSatisfied|JobHeld|JobLaunchFailure|launch_failed|BeginTime|Invalid|Priority|Resources|Reservation)/;

/**
 * With several partitions, Slurm reports the reason of the one that it tried last, while the next may start the job.
 */
export function reasonAmong(partitions: string, reason: string): string {
  if (!partitions.includes(',') || OF_THE_JOB.test(reason.replaceAll(' ', '_'))) return reason;
  return `one of ${partitions}: ${reason}`;
}
