import { isThere } from '../../files/atomic.js';
import type { JobFact } from '../../fleet/job-facts.js';
import { isTerminal } from '../../fleet/job-table.js';
import type { Scheduler } from '../../scheduler/port.js';
import type { Finding } from './finding.js';

/** `/STATE/fleets/F/submissions/ID/script.sbatch` */
const SCRIPT = /^(\/.*)\/fleets\/[^/]+\/(?:submissions\/[^/]+\/script|keepers\/[^/]+)\.sbatch$/;

/**
 * Our live jobs whose fleet is in no state folder: neither in this one nor in the one that holds their script.
 * `isDeployed`: whether a fleet of this state folder is not stopped.
 */
export async function orphanJobs(
  scheduler: Scheduler,
  jobs: readonly JobFact[],
  stateFolder: string,
  isDeployed: (fleet: string) => Promise<boolean>,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const job of jobs) {
    const { fleet } = job.tag;
    if (isTerminal(job.state) || job.state === 'COMPLETING') continue;
    const home = SCRIPT.exec(job.script)?.[1] ?? stateFolder;
    const isKnown = () =>
      home === stateFolder ? isDeployed(fleet) : isThere(`${home}/fleets/${fleet}/spec.json`);
    // Checked after the jobs were listed: a `deploy` that started meanwhile recorded its fleet before its jobs.
    if (await isKnown()) continue;
    findings.push({
      ...{ kind: 'job', name: job.id },
      why: `no state folder has fleet ${fleet} deployed${home === stateFolder ? '' : `: ${home} is gone`}`,
      remove: async () => {
        if (await isKnown()) throw new Error(`fleet ${fleet} was deployed meanwhile`);
        await cancel(scheduler, job.id);
      },
    });
  }
  return findings;
}

async function cancel(scheduler: Scheduler, jobId: string): Promise<void> {
  const answer = await scheduler.cancel([jobId]);
  if (!answer.ok) throw new Error(answer.detail);
}
