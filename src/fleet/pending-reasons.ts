/** Pending reasons of the job itself; any other may be that of one partition of several. */
const OF_THE_JOB =
  /^(None|Dependency|DependencyNeverSatisfied|JobHeld|JobLaunchFailure|launch_failed|BeginTime|Invalid|Priority|Resources|Reservation)/;

/** Of several partitions Slurm reports the one that it tried last, while the next may start the job. */
export function reasonAmong(partitions: string, reason: string): string {
  if (!partitions.includes(',') || OF_THE_JOB.test(reason.replaceAll(' ', '_'))) return reason;
  return `one of ${partitions}: ${reason}`;
}
