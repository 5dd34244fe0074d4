import type { Scheduler } from './port.js';

/** Ids from here on are this machine's: Slurm's, a federation's too, fit into 32 bits. */
export const FIRST_LOCAL_ID = 5_000_000_000;

const isHere = (jobId: string) => Number(jobId.split('_')[0]) >= FIRST_LOCAL_ID;

/**
 * For gateways that `deploy` starts `here`: local jobs are numbered from FIRST_LOCAL_ID, and each side gets only its
 * own ids.
 */
export function withLocalJobs(slurm: Scheduler, here: Scheduler): Scheduler {
  const parted = (ids: readonly string[]) => ({
    ours: ids.filter(isHere),
    theirs: ids.filter((id) => !isHere(id)),
  });
  return {
    ...slurm,
    submit: (request) =>
      request.here === true && request.submission.instances.includes('gateway')
        ? here.submit(request)
        : slurm.submit(request),
    async list(filter) {
      const [theirs, ours] = await Promise.all([slurm.list(filter), here.list(filter)]);
      return theirs.ok && ours.ok ? { ok: true, jobs: [...theirs.jobs, ...ours.jobs] } : theirs;
    },
    async cancel(ids) {
      const { ours, theirs } = parted(ids);
      const [first, second] = await Promise.all([slurm.cancel(theirs), here.cancel(ours)]);
      return first.ok ? second : first;
    },
    async endings(ids) {
      const { ours, theirs } = parted(ids);
      const both = await Promise.all([slurm.endings(theirs), here.endings(ours)]);
      return new Map(both.flatMap((ends) => [...ends]));
    },
    script: (jobId) => (isHere(jobId) ? here.script(jobId) : slurm.script(jobId)),
  };
}
